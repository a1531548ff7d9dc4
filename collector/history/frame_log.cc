#include "collector/history/frame_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <system_error>
#include <utility>

#include "collector/history/log_record.h"
#include "common/base/file.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

std::string SegmentName(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(8 - std::min<std::size_t>(digits.size(), 8), '0') + digits + ".log";
}

}  // namespace

Result<std::unique_ptr<FrameLog>> FrameLog::Open(fs::path directory,
                                                 std::vector<LogSegment> earlier,
                                                 Bytes segment_size, std::uint64_t least_number) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return ErrnoError(directory.string(), error.value());
  std::unique_ptr<FrameLog> log(
      new FrameLog(std::move(directory), std::move(earlier), segment_size));
  log->next_number_ = least_number;
  if (!log->segments_.empty()) {
    log->next_number_ = std::max(least_number, log->segments_.back().number + 1);
  }
  return log;
}

Status FrameLog::Append(std::span<const LogBatch> batches) {
  if (batches.empty()) return {};
  if (!current_.valid() || segments_.back().size >= segment_size_.count) {
    if (Status begun = Begin(); !begun) return begun;
  }
  records_.clear();
  for (const LogBatch& batch : batches) {
    PutRecord(batch.first_lsn, batch.entries, encoder_, records_);
  }
  Status written = Write(records_);
  if (written && ::fdatasync(current_.get()) != 0) {
    written = ErrnoError(segments_.back().path.string(), errno);
  }
  if (!written) {
    Abandon();
    return written;
  }
  segments_.back().size += records_.size();
  segments_.back().last_lsn = batches.back().last_lsn;
  return {};
}

Status FrameLog::Begin() {
  current_.Reset();
  LogSegment segment{.number = next_number_, .path = directory_ / SegmentName(next_number_)};
  UniqueFd file(::open(segment.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!file.valid()) return ErrnoError(segment.path.string(), errno);
  ++next_number_;
  current_ = std::move(file);
  encoder_.Reset();
  segments_.push_back(std::move(segment));
  Status begun = Write(kSegmentHeader);
  if (begun) begun = SyncDirectory(directory_);
  if (!begun) {
    Abandon();
    return begun;
  }
  segments_.back().size = kSegmentHeader.size();
  return {};
}

Status FrameLog::Write(std::string_view bytes) {
  return WriteAll(current_.get(), bytes, segments_.back().path.string());
}

// After a failed fdatasync the kernel may have dropped pages that it calls clean: what is still to
// be written goes to another file.
void FrameLog::Abandon() {
  // Only frees space: the reader copes with what stays.
  if (::ftruncate(current_.get(), static_cast<off_t>(segments_.back().size)) != 0) errno = 0;
  current_.Reset();
  if (segments_.back().last_lsn != 0) return;
  ::unlink(segments_.back().path.c_str());
  next_number_ = segments_.back().number;
  segments_.pop_back();
}

bool FrameLog::MayDrop(const LogSegment& segment, Lsn lsn) const {
  const bool written = current_.valid() && &segment == &segments_.back();
  return !written && segment.last_lsn <= lsn;
}

bool FrameLog::HasUpTo(Lsn lsn) const {
  return std::ranges::any_of(
      segments_, [this, lsn](const LogSegment& segment) { return MayDrop(segment, lsn); });
}

int UnlinkSegment(const LogSegment& segment) { return ::unlink(segment.path.c_str()); }

Status FrameLog::DropUpTo(Lsn lsn, const SegmentRemover& remove) {
  Status dropped;
  const auto drop = [&](const LogSegment& segment) {
    if (!MayDrop(segment, lsn)) return false;
    fs::path aside = segment.path;
    aside += ".damaged";
    const int result =
        segment.damaged ? ::rename(segment.path.c_str(), aside.c_str()) : remove(segment);
    if (result == 0 || errno == ENOENT) return true;
    dropped = ErrnoError(segment.path.string(), errno);
    return false;
  };
  std::vector<LogSegment> kept;
  for (const LogSegment& segment : segments_) {
    if (!drop(segment)) kept.push_back(segment);
  }
  segments_ = std::move(kept);
  return dropped;
}

Bytes FrameLog::size() const {
  return {std::accumulate(
      segments_.begin(), segments_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const LogSegment& segment) { return sum + segment.size; })};
}

}  // namespace edgefeed
