#include "collector/history/log_segment_reader.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "collector/history/log_record.h"

namespace edgefeed {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

}  // namespace

std::optional<Lsn> FirstLsn(const std::filesystem::path& segment) {
  auto reader = LogSegmentReader::Open(segment, 0);
  std::optional<Lsn> first;
  const auto note = [&first](Lsn lsn, const Entry&) {
    if (!first) first = lsn;
  };
  while (reader && !first) {
    const auto more = (*reader)->Next(std::numeric_limits<std::uint64_t>::max(), note);
    if (!more || !*more) break;
  }
  return first;
}

Result<std::unique_ptr<LogSegmentReader>> LogSegmentReader::Open(const std::filesystem::path& path,
                                                                 std::uint64_t number) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.valid()) {
    return std::unique_ptr<LogSegmentReader>(
        new LogSegmentReader(std::move(file), path.filename().string(), number));
  }
  Error error = ErrnoError(path.string(), errno);
  if (errno == ENOENT) error.code = Code::kNotFound;
  return error;
}

Status LogSegmentReader::Fill(std::size_t bytes, std::uint64_t limit) {
  while (buffer_.size() < bytes) {
    const std::size_t before = buffer_.size();
    const std::uint64_t at = offset_ + before;
    const std::uint64_t most = limit > at ? limit - at : 0;
    const auto wanted = static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max(kReadBytes, bytes - before), most));
    buffer_.resize(before + wanted);
    const ssize_t got =
        wanted == 0 ? 0
                    : ::pread(file_.get(), buffer_.data() + before, wanted, static_cast<off_t>(at));
    buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) return ErrnoError(name_, errno);
    if (got == 0) return {};
  }
  return {};
}

void LogSegmentReader::Consume(std::size_t bytes) {
  offset_ += bytes;
  buffer_.erase(0, bytes);
}

Result<bool> LogSegmentReader::FindRecord(std::uint64_t limit) {
  if (Status filled = Fill(kRecordHeaderBytes, limit); !filled) return filled.error();
  if (const auto header = PeekLogRecordHeader(buffer_);
      header && header->payload_bytes <= kMaxRecordBytes) {
    const Status filled = Fill(kRecordHeaderBytes + header->payload_bytes, limit);
    if (!filled) return filled.error();
  }
  if (HoldsRecord(buffer_)) return true;
  // What is before `limit` has been written whole: this is damaged, or the end that a crash left.
  for (std::size_t before = std::string::npos; before != buffer_.size();) {
    before = buffer_.size();
    if (Status filled = Fill(before + 1, limit); !filled) return filled.error();
  }
  if (buffer_.empty()) return false;
  std::size_t at = buffer_.find(kRecordMagic, 1);
  while (at != std::string::npos && !HoldsRecord(std::string_view(buffer_).substr(at))) {
    at = buffer_.find(kRecordMagic, at + 1);
  }
  const std::size_t skipped = std::min(at, buffer_.size());
  spdlog::error("history: {}: {} bytes at {} cannot be read", name_, skipped, offset_);
  lost_ = true;
  decoder_.Lose();
  Consume(skipped);
  return at != std::string::npos;
}

Result<bool> LogSegmentReader::Next(std::uint64_t limit, const EntryConsumer& consumer) {
  if (offset_ == 0) {
    if (Status filled = Fill(kSegmentHeader.size(), limit); !filled) return filled.error();
    if (!buffer_.starts_with(kSegmentHeader)) return false;
    Consume(kSegmentHeader.size());
  }
  auto found = FindRecord(limit);
  if (!found || !*found) return found;
  TakeRecord(consumer);
  return true;
}

void LogSegmentReader::TakeRecord(const EntryConsumer& consumer) {
  const LogRecordHeader header = *PeekLogRecordHeader(buffer_);
  const auto payload = std::string_view(buffer_).substr(kRecordHeaderBytes, header.payload_bytes);
  if (std::exchange(lost_, false) && next_lsn_ != 0 && header.first_lsn > next_lsn_) {
    unreadable_ += header.first_lsn - next_lsn_;
  }
  Lsn lsn = header.first_lsn;
  const Status decoded =
      decoder_.Decode(payload, [&](const Entry& entry) { consumer(lsn++, entry); });
  next_lsn_ = header.first_lsn + decoder_.count();
  if (!decoded) {
    unreadable_ += decoder_.unreadable();
    spdlog::error("history: {}: {} entries from {}: {}", name_, decoder_.unreadable(), lsn,
                  decoded.error().message);
  }
  Consume(kRecordHeaderBytes + header.payload_bytes);
}

}  // namespace edgefeed
