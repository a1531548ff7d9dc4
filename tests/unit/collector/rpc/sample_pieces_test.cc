#include "collector/rpc/sample_pieces.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

// Numbered from 1.
SamplePieces Pieces(std::size_t samples, std::size_t values) {
  std::vector<Sample> all(samples);
  std::uint64_t number = 0;
  for (Sample& sample : all) {
    sample.position.sequence = ++number;
    sample.readings.resize(values);
  }
  return SamplePieces(std::move(all));
}

TEST_CASE("few values are one piece") {
  SamplePieces pieces = Pieces(10, 100);
  CHECK_FALSE(pieces.done());
  CHECK(pieces.Next().size() == 10);
  CHECK(pieces.done());
  CHECK(pieces.Next().empty());
  CHECK(SamplePieces().done());
}

TEST_CASE("very many come in order, each once") {
  SamplePieces pieces = Pieces(256, 255);
  std::uint64_t last = 0;
  int count = 0;
  while (!pieces.done()) {
    const auto piece = pieces.Next();
    CHECK(piece.size() == SamplePieces::kValues / 256);
    for (const Sample& sample : piece) CHECK(sample.position.sequence == ++last);
    ++count;
  }
  CHECK(last == 256);
  CHECK(count == 16);
  CHECK(pieces.Next().empty());
}

TEST_CASE("a sample of more values than a piece has is a piece") {
  SamplePieces pieces = Pieces(2, 10'000);
  CHECK(pieces.Next().size() == 1);
  CHECK_FALSE(pieces.done());
  CHECK(pieces.Next().size() == 1);
  CHECK(pieces.done());
}

TEST_CASE("samples without values are bounded too") {
  SamplePieces pieces = Pieces(10'000, 0);
  CHECK(pieces.Next().size() == SamplePieces::kValues);
}

}  // namespace
}  // namespace edgefeed
