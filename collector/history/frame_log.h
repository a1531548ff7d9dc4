#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/history/log_reader.h"
#include "collector/history/numbers.h"
#include "collector/history/record_codec.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/base/units.h"

namespace edgefeed {

// Entries that are written together.
struct LogBatch {
  Lsn first_lsn = 0;
  Lsn last_lsn = 0;
  std::string_view entries;
};

// What becomes of a segment that is needed no longer: 0, or -1 with errno, and then it stays.
using SegmentRemover = std::function<int(const LogSegment& segment)>;
int UnlinkSegment(const LogSegment& segment);

constexpr Bytes kLogSegmentSize = MiB(14);

// Makes entries safe before they are sorted into chunks: files that are only appended to, each
// deleted when all of it is elsewhere. On the store strand; its calls wait for the disk.
class FrameLog {
 public:
  // Makes the directory. `earlier`: what ReadLog found there; never written to again. New segments
  // get numbers above theirs, from `least_number` on.
  static Result<std::unique_ptr<FrameLog>> Open(std::filesystem::path directory,
                                                std::vector<LogSegment> earlier,
                                                Bytes segment_size = kLogSegmentSize,
                                                std::uint64_t least_number = 1);

  // Writes the batches and waits until they are on stable storage. When this fails they must be
  // given again: whatever of them reached the disk is not read twice.
  Status Append(std::span<const LogBatch> batches);

  // Whether there are segments that DropUpTo would delete.
  [[nodiscard]] bool HasUpTo(Lsn lsn) const;
  // Removes the segments that hold nothing after `lsn`; damaged ones are kept as NAME.damaged.
  Status DropUpTo(Lsn lsn, const SegmentRemover& remove = UnlinkSegment);

  // The next Append begins a segment, so that this one can be dropped soon.
  void Roll() { current_.Reset(); }

  // On stable storage up to their sizes.
  [[nodiscard]] const std::vector<LogSegment>& segments() const { return segments_; }
  [[nodiscard]] Bytes size() const;

 private:
  FrameLog(std::filesystem::path directory, std::vector<LogSegment> earlier, Bytes segment_size)
      : directory_(std::move(directory)),
        segment_size_(segment_size),
        segments_(std::move(earlier)) {}

  [[nodiscard]] bool MayDrop(const LogSegment& segment, Lsn lsn) const;
  Status Begin();
  Status Write(std::string_view bytes);
  void Abandon();

  std::filesystem::path directory_;
  Bytes segment_size_;
  std::vector<LogSegment> segments_;
  UniqueFd current_;  // The last of segments_, while it is being written.
  std::uint64_t next_number_ = 1;
  RecordEncoder encoder_;
  std::string records_;
};

}  // namespace edgefeed
