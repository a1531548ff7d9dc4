#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include "collector/history/log_reader.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

// A backup that runs: as long as somebody has this, the history deletes nothing of its log.
struct LogHold {
  std::string client;  // For whom.
  WallTime since;
  // The log grew too long: some of it is gone, and the backup would be without it.
  std::atomic<bool> is_lost{false};
};

// A file of a backup, open.
struct BackupFile {
  std::string path;  // In the history's directory: "raw/2026-11-25T09.db".
  UniqueFd content;  // At its beginning. What is behind `size_bytes` does not belong to it.
  std::uint64_t size_bytes = 0;
};

// As long as they are on stable storage. They stay readable when the log drops them.
Result<std::deque<BackupFile>> OpenSegments(std::span<const LogSegment> segments);

}  // namespace edgefeed
