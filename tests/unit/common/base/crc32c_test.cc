#include "common/base/crc32c.h"

#include <doctest/doctest.h>

#include <string>

namespace edgefeed {
namespace {

TEST_CASE("the checksums are those of RFC 3720, B.4") {
  CHECK(Crc32c("") == 0);
  CHECK(Crc32c("123456789") == 0xE3069283);
  CHECK(Crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(Crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
  std::string counting;
  for (char c = 0; c < 32; ++c) counting.push_back(c);
  CHECK(Crc32c(counting) == 0x46DD794E);
}

TEST_CASE("a checksum goes on where another ended, wherever that is") {
  const std::string text = "what is cut in two has the checksum of the whole";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CHECK(Crc32c(text.substr(cut), Crc32c(text.substr(0, cut))) == Crc32c(text));
  }
}

}  // namespace
}  // namespace edgefeed
