#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/history/compression.h"
#include "collector/history/numbers.h"
#include "collector/history/partition.h"
#include "common/base/result.h"
#include "common/model/sample.h"

namespace edgefeed {

// Between the frames of an OpenChunk, the data of a Chunk, and samples. The readings of samples
// here have series numbers for SeriesIds. On one strand.
class ChunkCodec {
 public:
  // Every number up to here may occur.
  void SetSeriesCount(std::size_t count);

  // One chunk of the frames' samples, in order of time. Frames that cannot be read are left out and
  // added to `unreadable`. Nothing when none can be read.
  std::optional<Chunk> Encode(std::string_view frames);

  // The samples of frames in the order of the frames, or of a chunk. `ids` gives by series number
  // what readings shall have for SeriesIds; nothing for those to leave out.
  using Ids = std::span<const std::optional<SeriesId>>;
  std::vector<Sample> DecodeFrames(std::string_view frames, Ids ids);
  Result<std::vector<Sample>> Decode(const Chunk& chunk, Ids ids);
  // Each number for itself.
  [[nodiscard]] Ids numbers() const { return to_id_; }

  [[nodiscard]] std::uint64_t unreadable_frames() const { return unreadable_frames_; }

 private:
  Compression compression_;
  std::vector<std::optional<SeriesId>> to_id_;  // Each number itself.
  std::vector<std::uint32_t> to_number_;        // The same.
  std::string columns_;
  std::uint64_t unreadable_frames_ = 0;
};

}  // namespace edgefeed
