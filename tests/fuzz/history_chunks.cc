// collector/history: chunks of samples and of rollups, as they stand in the partitions' files. Also
// of what only looks damaged once it is unpacked.
#include "collector/history/chunk_codec.h"
#include "collector/history/rollup_codec.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

constexpr std::size_t kSeries = 64;

// The same for every run: zstd's work space takes longer to make than to use.
ChunkCodec& Codec() {
  static ChunkCodec codec;
  codec.SetSeriesCount(kSeries);
  return codec;
}

std::string Packed(std::string_view bytes) {
  static Compression compression;
  std::string packed;
  compression.Compress(bytes, packed);
  return packed;
}

void TryChunk(const std::string& data) {
  ChunkCodec& codec = Codec();
  const auto samples = codec.Decode({.first = {}, .last = {}, .data = data}, codec.numbers());
  if (!samples) return;
  for (const Sample& sample : *samples) {
    for (const Reading& reading : sample.readings) {
      Promise(reading.series < kSeries, "readings are of known series");
    }
  }
}

void TryRollup(const std::string& data) {
  const SeriesMatch match = MatchNumbers(kSeries);
  OutputBuckets outputs(match.outputs);
  static RollupCodec codec;
  (void)codec.Decode(data, match, WallTime::min(), WallTime::max(), outputs);
}

void TryFrames(std::string_view frames) {
  ChunkCodec& codec = Codec();
  const auto chunk = codec.Encode(frames);
  if (!chunk) return;
  Promise(codec.Decode(*chunk, codec.numbers()).has_value(), "a chunk that was made can be read");
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = edgefeed::FuzzInput(data, size).rest();
  for (const std::string& chunk : {std::string(bytes), edgefeed::Packed(bytes)}) {
    edgefeed::TryChunk(chunk);
    edgefeed::TryRollup(chunk);
  }
  edgefeed::TryFrames(bytes);
  return 0;
}
