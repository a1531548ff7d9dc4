#include "agent/proc/file_nr.h"

#include <doctest/doctest.h>

namespace edgefeed {

TEST_CASE("file-nr tells allocated and maximum") {
  const auto files = ParseFileNr("1408\t0\t9223372036854775807\n");
  REQUIRE(files);
  CHECK(files->allocated == 1408);
  CHECK(files->max == 9223372036854775807U);
}

TEST_CASE("a file-nr that is cut short or odd is refused") {
  CHECK_FALSE(ParseFileNr(""));
  CHECK_FALSE(ParseFileNr("1408\t0"));
  CHECK_FALSE(ParseFileNr("-1\t0\t100"));
  CHECK_FALSE(ParseFileNr("1408\t0\tmany"));
}

}  // namespace edgefeed
