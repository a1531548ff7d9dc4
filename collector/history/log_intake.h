#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
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

  void Take(HandOver entries);
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] std::uint64_t waiting_bytes() const;

  // Of what is on stable storage; 0: nothing yet.
  [[nodiscard]] Lsn last_lsn() const { return next_lsn_ - 1; }

  // Writes what waits and waits for the disk; then gives each entry to `consumer`, and tells the
  // writers. When it fails all of it goes on waiting.
  Status Sync(const EntryConsumer& consumer);

 private:
  // One record of the log. Once a write was tried it stays as it is, so that the reader knows it
  // again should it have been written twice.
  struct Batch {
    std::vector<HandOver> parts;
    std::size_t bytes = 0;
    std::uint64_t count = 0;
    bool has_names = false;
    bool tried = false;
    std::string entries;  // Of all parts, in order; once it was tried.
  };

  static std::string NamesOf(const Batch& batch);
  Status SyncNames();
  Status SyncAll();
  static std::string InOrder(std::span<const HandOver> parts);
  void Consume(std::string_view entries, const EntryConsumer& consumer);
  static void TellWriter(const HandOver& entries);

  FrameLog& log_;
  FrameLog& names_;
  StoreLink& link_;
  Lsn next_lsn_;
  CollectorStats& stats_;
  std::vector<Batch> waiting_;
};

}  // namespace edgefeed
