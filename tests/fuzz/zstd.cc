// common/compress: zstd as it comes from a peer or a disk, and as we write it.
#include "common/compress/zstd_stream.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMostStep = std::size_t{128} << 10U;
constexpr std::size_t kMostAltogether = std::size_t{4} << 20U;

// Whatever comes out before something is wrong.
std::string Unpack(std::string_view packed) {
  ZstdDecompressor decompressor;
  std::string out;
  while (out.size() < kMostAltogether) {
    const std::size_t in_before = packed.size();
    const std::size_t out_before = out.size();
    if (!decompressor.Step(packed, out)) break;
    Promise(out.size() - out_before <= kMostStep, "a step is bounded");
    if (packed.size() == in_before && out.size() == out_before) break;
  }
  return out;
}

std::string Pack(std::string_view bytes) {
  // The same for every run: to make one takes longer than all that it does.
  static ZstdCompressor compressor;
  std::string packed;
  compressor.Update(bytes.substr(0, bytes.size() / 2), packed);
  compressor.Update(bytes.substr(bytes.size() / 2), packed);
  compressor.Finish(packed);
  return packed;
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = edgefeed::FuzzInput(data, size).rest();
  (void)edgefeed::Unpack(bytes);
  edgefeed::Promise(edgefeed::Unpack(edgefeed::Pack(bytes)) == bytes,
                    "what was packed is unpacked");
  return 0;
}
