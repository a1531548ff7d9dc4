#include "collector/history/log_hold.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace edgefeed {

Result<std::deque<BackupFile>> OpenSegments(std::span<const LogSegment> segments) {
  std::deque<BackupFile> files;
  for (const LogSegment& segment : segments) {
    UniqueFd file(::open(segment.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return ErrnoError(segment.path.string(), errno);
    files.push_back({.path = "log/" + segment.path.filename().string(),
                     .content = std::move(file),
                     .size_bytes = segment.size});
  }
  return files;
}

}  // namespace edgefeed
