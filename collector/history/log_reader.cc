#include "collector/history/log_reader.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "collector/history/log_record.h"
#include "common/base/file.h"
#include "common/base/text.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxSegmentBytes = std::size_t{1} << 30;

class LogReader {
 public:
  explicit LogReader(const EntryConsumer& consumer) : consumer_(consumer) {}

  Status ReadSegment(LogSegment& segment) {
    auto bytes = ReadSmallFile(segment.path, kMaxSegmentBytes);
    if (!bytes) return bytes.error();
    std::string_view rest = *bytes;
    if (!rest.starts_with(kSegmentHeader)) {
      segment.damaged = !rest.empty() && !kSegmentHeader.starts_with(rest);
      if (segment.damaged) spdlog::error("history: {}: not a segment", segment.path.string());
      return {};
    }
    rest.remove_prefix(kSegmentHeader.size());
    decoder_.Lose();
    next_lsn_ = 0;
    while (!rest.empty() && TakeRecord(segment, rest)) {
    }
    return {};
  }

 private:
  // False when nothing more can be read.
  bool TakeRecord(LogSegment& segment, std::string_view& rest) {
    if (HoldsRecord(rest)) {
      const LogRecordHeader header = *PeekLogRecordHeader(rest);
      const std::string_view payload = rest.substr(kRecordHeaderBytes, header.payload_bytes);
      TakeEntries(segment, header.first_lsn, payload);
      rest.remove_prefix(kRecordHeaderBytes + header.payload_bytes);
      return true;
    }
    const std::uint64_t offset = segment.size - rest.size();
    const std::size_t skipped = FindRecord(rest);
    if (skipped == rest.size() && IsTorn(rest)) {
      spdlog::info("history: {}: {} bytes of an unfinished record at {} are left out",
                   segment.path.string(), rest.size(), offset);
      return false;
    }
    segment.damaged = true;
    lost_ = true;
    decoder_.Lose();
    spdlog::error("history: {}: {} bytes at {} are damaged", segment.path.string(), skipped,
                  offset);
    rest.remove_prefix(skipped);
    return true;
  }

  // How many bytes before the next whole record, or to the end.
  static std::size_t FindRecord(std::string_view rest) {
    for (std::size_t at = rest.find(kRecordMagic, 1); at != std::string_view::npos;
         at = rest.find(kRecordMagic, at + 1)) {
      if (HoldsRecord(rest.substr(at))) return at;
    }
    return rest.size();
  }

  // What a crash leaves: the beginning of a record, or blocks that were never filled.
  static bool IsTorn(std::string_view rest) {
    if (const auto header = PeekLogRecordHeader(rest)) {
      return header->payload_bytes > rest.size() - kRecordHeaderBytes;
    }
    return kRecordMagic.starts_with(rest.substr(0, kRecordMagic.size())) ||
           rest.find_first_not_of('\0') == std::string_view::npos;
  }

  void TakeEntries(LogSegment& segment, Lsn first_lsn, std::string_view payload) {
    if (std::exchange(lost_, false) && next_lsn_ != 0 && first_lsn > next_lsn_) {
      segment.unreadable += first_lsn - next_lsn_;
    }
    // Written again after a sync had failed; but what follows in this segment needs it.
    const bool again = !seen_.insert(first_lsn).second;
    Lsn lsn = first_lsn;
    const Status decoded = decoder_.Decode(payload, [&](const Entry& entry) {
      if (!again) consumer_(lsn, entry);
      segment.last_lsn = std::max(segment.last_lsn, lsn++);
    });
    next_lsn_ = first_lsn + decoder_.count();
    if (decoded) return;
    segment.damaged = true;
    segment.unreadable += decoder_.unreadable();
    spdlog::error("history: {}: {} entries from {}: {}", segment.path.string(),
                  decoder_.unreadable(), lsn, decoded.error().message);
  }

  const EntryConsumer& consumer_;
  RecordDecoder decoder_;
  Lsn next_lsn_ = 0;   // Behind the last record of the segment; 0: there was none.
  bool lost_ = false;  // Bytes behind it could not be read.
  std::unordered_set<Lsn> seen_;
};

}  // namespace

Result<std::vector<LogSegment>> ListLogSegments(const fs::path& directory) {
  std::vector<LogSegment> segments;
  std::error_code error;
  if (!fs::exists(directory, error)) return segments;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto number = ParseNumber<std::uint64_t>(entry->path().stem().string());
    if (!number || entry->path().extension() != ".log") continue;
    std::error_code gone;
    segments.push_back({.number = *number, .path = entry->path(), .size = entry->file_size(gone)});
  }
  if (error) return ErrnoError(directory.string(), error.value());
  std::ranges::sort(segments, {}, &LogSegment::number);
  return segments;
}

Result<std::vector<LogSegment>> ReadLog(const fs::path& directory, const EntryConsumer& consumer) {
  auto segments = ListLogSegments(directory);
  if (!segments) return segments.error();
  LogReader reader(consumer);
  for (LogSegment& segment : *segments) {
    if (const Status read = reader.ReadSegment(segment); !read) return read.error();
  }
  return segments;
}

}  // namespace edgefeed
