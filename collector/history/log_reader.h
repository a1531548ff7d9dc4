#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "collector/history/frame.h"
#include "collector/history/numbers.h"
#include "common/base/result.h"

namespace edgefeed {

// One file of the frame log.
struct LogSegment {
  std::uint64_t number = 0;
  std::filesystem::path path;
  std::uint64_t size = 0;
  Lsn last_lsn = 0;      // 0: it holds no entry.
  bool damaged = false;  // Something in it was written and cannot be read.
  // So many entries were written and cannot be read; without those behind the last whole record.
  std::uint64_t unreadable = 0;
};

using EntryConsumer = std::function<void(Lsn lsn, const Entry& entry)>;

// The segments in `directory` in the order in which they were written. `directory` need not exist.
Result<std::vector<LogSegment>> ListLogSegments(const std::filesystem::path& directory);

// Gives every entry of the log once, in order of writing. What cannot be read is left out: a record
// that a crash cut off is normal, anything else is logged and sets `damaged`.
Result<std::vector<LogSegment>> ReadLog(const std::filesystem::path& directory,
                                        const EntryConsumer& consumer);

}  // namespace edgefeed
