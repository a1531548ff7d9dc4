#include "collector/rpc/history_access.h"

#include <string>

namespace edgefeed {

Status EnterHistory(const HistoryAccess& access) {
  CollectorStats& stats = access.stats;
  if (stats.history_calls_open.fetch_add(1) < access.limits.calls) return {};
  --stats.history_calls_open;
  ++stats.history_calls_refused;
  return Error{Code::kResourceExhausted, "the collector answers " +
                                             std::to_string(access.limits.calls) +
                                             " calls about its history already; try again"};
}

void LeaveHistory(const HistoryAccess& access) { --access.stats.history_calls_open; }

}  // namespace edgefeed
