#include "collector/history/chunk_codec.h"

#include <algorithm>
#include <utility>

#include "common/base/sizes.h"
#include "common/base/varint.h"
#include "common/columns/sample_columns.h"

namespace edgefeed {
namespace {

// What is read here was checked when it came in: these only keep damage from taking all memory.
// More than 16 MiB of frames, in which a sample takes ten bytes and a reading two, never wait for a
// chunk.
constexpr SampleColumnLimits kChunkLimits{.samples = 2'000'000, .readings = 16'000'000};
constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 30;

}  // namespace

void ChunkCodec::SetSeriesCount(std::size_t count) {
  for (std::size_t number = to_id_.size(); number < count; ++number) {
    to_id_.emplace_back(static_cast<SeriesId>(number));
    to_number_.push_back(static_cast<std::uint32_t>(number));
  }
}

std::vector<Sample> ChunkCodec::DecodeFrames(std::string_view frames, Ids ids) {
  std::vector<Sample> samples;
  while (!frames.empty()) {
    const auto size = TakeVarint(frames);
    if (!size || *size > frames.size()) {
      ++unreadable_frames_;
      break;
    }
    auto decoded = DecodeSamples(frames.substr(0, ToSize(*size)), ids, kChunkLimits);
    frames.remove_prefix(ToSize(*size));
    if (!decoded) {
      ++unreadable_frames_;
      continue;
    }
    std::ranges::move(decoded->samples, std::back_inserter(samples));
  }
  return samples;
}

std::optional<Chunk> ChunkCodec::Encode(std::string_view frames) {
  const std::vector<Sample> samples = DecodeFrames(frames, to_id_);
  if (samples.empty()) return std::nullopt;
  std::vector<const Sample*> in_order;
  in_order.reserve(samples.size());
  for (const Sample& sample : samples) in_order.push_back(&sample);
  std::ranges::stable_sort(in_order, {}, [](const Sample* sample) { return sample->time; });
  columns_.clear();
  EncodeSamples(in_order, to_number_, columns_);
  Chunk chunk{.first = in_order.front()->time, .last = in_order.back()->time, .data = {}};
  compression_.Compress(columns_, chunk.data);
  return chunk;
}

Result<std::vector<Sample>> ChunkCodec::Decode(const Chunk& chunk, Ids ids) {
  const Status unpacked = compression_.Decompress(chunk.data, kMaxChunkBytes, columns_);
  if (!unpacked) return unpacked.error();
  auto decoded = DecodeSamples(columns_, ids, kChunkLimits);
  if (!decoded) return decoded.error();
  return std::move(decoded->samples);
}

}  // namespace edgefeed
