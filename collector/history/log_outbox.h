#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "collector/history/log_reader.h"
#include "collector/history/numbers.h"
#include "common/base/units.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Of the history's directory.
constexpr std::string_view kOutboxDirectory = "outbox";

// How far the log is on stable storage.
struct LogFront {
  std::uint64_t number = 0;  // Of the segment; those before it are written to their ends.
  std::uint64_t size = 0;
};

class LogTail;

// One who reads the whole log: how the store and the reader find each other.
struct LogFollower {
  LogFollower(Scheduler& reader, Lsn after) : strand(reader), done(after) {}

  Scheduler& strand;
  std::atomic<Lsn> done;    // Everything up to here may be deleted.
  LogTail* tail = nullptr;  // Null when it is gone. On `strand`.
};

// Keeps the segments that the log needs no longer, and that one of the followers has not read, in a
// directory of their own, so that a start does not read them again. On the store strand.
class LogOutbox {
 public:
  // Finds what earlier runs left there. `last`: no entry of those has a larger number.
  LogOutbox(std::filesystem::path directory, Lsn last);

  void Add(std::shared_ptr<LogFollower> follower) { followers_.push_back(std::move(follower)); }
  // Tells the followers how far the segment that is being written is on stable storage.
  void Tell(const LogSegment& written);

  // Moves the segment here, or deletes it: a SegmentRemover.
  int Remove(const LogSegment& segment);
  // Deletes what all have read.
  void Trim();

  [[nodiscard]] Bytes size() const;

 private:
  // Everything up to here was read by all.
  [[nodiscard]] Lsn ReadByAll() const;

  std::filesystem::path directory_;
  std::vector<std::shared_ptr<LogFollower>> followers_;
  std::deque<LogSegment> segments_;  // In order. last_lsn may be too large.
  LogFront told_;
};

}  // namespace edgefeed
