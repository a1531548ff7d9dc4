#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/history/frame_log.h"
#include "collector/history/hand_over.h"
#include "collector/stats.h"

namespace edgefeed {

// Puts what writers hand over into the log, and tells them when it is safe. On the store strand.
class LogIntake {
 public:
  // `log` and `stats` must outlive it. Names are written to `names` too, whose segments are kept.
  LogIntake(FrameLog& log, FrameLog& names, StoreLink& link, Lsn next_lsn, CollectorStats& stats)
      : log_(log), names_(names), link_(link), next_lsn_(next_lsn), stats_(stats) {}

  void Take(HandOver entries) { waiting_.push_back(std::move(entries)); }
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

  // Of what is on stable storage; 0: nothing yet.
  [[nodiscard]] Lsn last_lsn() const { return next_lsn_ - 1; }

  // Writes what waits and waits for the disk; then gives each entry to `consumer`, and tells the
  // writers. When it fails all of it goes on waiting.
  Status Sync(const EntryConsumer& consumer);

 private:
  Status SyncNames();
  void Consume(const HandOver& entries, Lsn lsn, const EntryConsumer& consumer);

  FrameLog& log_;
  FrameLog& names_;
  StoreLink& link_;
  Lsn next_lsn_;
  CollectorStats& stats_;
  std::vector<HandOver> waiting_;
};

}  // namespace edgefeed
