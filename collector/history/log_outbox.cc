#include "collector/history/log_outbox.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <numeric>
#include <ranges>
#include <system_error>
#include <utility>

#include "collector/history/frame_log.h"
#include "collector/history/log_segment_reader.h"
#include "collector/history/log_tail.h"

namespace edgefeed {
namespace fs = std::filesystem;

LogOutbox::LogOutbox(fs::path directory, Lsn last) : directory_(std::move(directory)) {
  const auto found = ListLogSegments(directory_);
  if (!found) {
    spdlog::error("history: {}", found.error().message);
    return;
  }
  segments_.assign(found->begin(), found->end());
  for (LogSegment& segment : segments_ | std::views::reverse) {
    segment.last_lsn = last;
    if (const auto first = FirstLsn(segment.path)) last = *first - 1;
  }
}

void LogOutbox::Tell(const LogSegment& written) {
  if (told_.number == written.number && told_.size == written.size) return;
  told_ = {.number = written.number, .size = written.size};
  for (const auto& follower : followers_) {
    follower->strand.Post([follower, front = told_] {
      if (follower->tail != nullptr) follower->tail->Grown(front);
    });
  }
}

int LogOutbox::Remove(const LogSegment& segment) {
  if (segment.last_lsn <= ReadByAll()) return UnlinkSegment(segment);
  std::error_code error;
  fs::create_directories(directory_, error);
  LogSegment kept = segment;
  kept.path = directory_ / segment.path.filename();
  if (std::rename(segment.path.c_str(), kept.path.c_str()) != 0) return -1;
  segments_.push_back(std::move(kept));
  return 0;
}

void LogOutbox::Trim() {
  const Lsn read = ReadByAll();
  while (!segments_.empty() && segments_.front().last_lsn <= read) {
    const LogSegment& oldest = segments_.front();
    if (UnlinkSegment(oldest) != 0 && errno != ENOENT) {
      spdlog::warn("history: {}", ErrnoError(oldest.path.string(), errno).message);
      return;
    }
    segments_.pop_front();
  }
}

Bytes LogOutbox::size() const {
  return {std::accumulate(
      segments_.begin(), segments_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const LogSegment& segment) { return sum + segment.size; })};
}

Lsn LogOutbox::ReadByAll() const {
  Lsn least = std::numeric_limits<Lsn>::max();
  for (const auto& follower : followers_) least = std::min(least, follower->done.load());
  return least;
}

}  // namespace edgefeed
