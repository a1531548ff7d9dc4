#pragma once

#include "collector/access/caller.h"
#include "collector/history/history.h"
#include "collector/rpc/history_request.h"
#include "collector/stats.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// What calls about the history need. All references must outlive them.
struct HistoryAccess {
  Strand& store;  // The history's.
  History& history;
  CollectorStats& stats;
  HistoryLimits limits;
};

// Takes one of the places for calls about the history. RESOURCE_EXHAUSTED when all are taken, and
// to a device when half of them are: people find one whatever devices do. Else LeaveHistory() once
// the call is over.
Status EnterHistory(const HistoryAccess& access, const Caller& caller);
void LeaveHistory(const HistoryAccess& access);

}  // namespace edgefeed
