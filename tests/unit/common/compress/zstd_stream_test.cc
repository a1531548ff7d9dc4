#include "common/compress/zstd_stream.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/support/some_bytes.h"
#include "tests/support/unpacked.h"

namespace edgefeed {
namespace {

std::string Packed(std::string_view bytes, std::size_t piece) {
  ZstdCompressor zstd;
  std::string packed;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    zstd.Update(bytes.substr(0, piece), packed);
  }
  zstd.Finish(packed);
  return packed;
}

TEST_CASE("bytes come back from zstd, in whatever pieces they go") {
  const std::string bytes = SomeBytes(400'000);
  for (const std::size_t piece : {1000U, 131'072U, 400'000U}) {
    CHECK((Unpacked(Packed(bytes, piece)) == bytes));
  }
  CHECK(Unpacked(Packed("", 1)).empty());
  CHECK((Unpacked(Packed(bytes, 1000) + Packed("more", 4)) == bytes + "more"));
}

TEST_CASE("a damaged or a foreign stream is an error; a short one is not at its end") {
  const std::string bytes = SomeBytes(1000);
  std::string packed = Packed(bytes, 1000);
  const auto step = [](std::string_view in, ZstdDecompressor& zstd) {
    std::string out;
    Status status;
    for (std::size_t before = 1; status && (!in.empty() || before != out.size());) {
      before = out.size();
      status = zstd.Step(in, out);
    }
    return status;
  };
  ZstdDecompressor foreign;
  const Status none = step("no zstd at all", foreign);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Code::kDataLoss);

  ZstdDecompressor shortened;
  CHECK(step(std::string_view(packed).substr(0, packed.size() - 1), shortened));
  CHECK_FALSE(shortened.at_frame_end());

  packed.back() ^= 1;  // Of the checksum.
  ZstdDecompressor damaged;
  CHECK_FALSE(step(packed, damaged));
}

TEST_CASE("one step gives little, however much is packed in its bytes") {
  const std::string packed = Packed(std::string(std::size_t{50} << 20, '\0'), 1 << 20);
  CHECK(packed.size() < 100'000);
  ZstdDecompressor zstd;
  std::string_view in = packed;
  std::string out;
  REQUIRE(zstd.Step(in, out));
  CHECK(out.size() <= std::size_t{128} << 10);
}

}  // namespace
}  // namespace edgefeed
