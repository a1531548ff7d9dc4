#include "common/base/crc32c.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace edgefeed {
namespace {

TEST_CASE("the checksum has the values of RFC 3720") {
  CHECK(Crc32c("") == 0);
  CHECK(Crc32c("123456789") == 0xE3069283);
  CHECK(Crc32c(std::string(32, '\0')) == 0x8A9136AA);
  CHECK(Crc32c(std::string(32, '\xFF')) == 0x62A8AB43);
}

TEST_CASE("the checksum of parts, one after the other, is that of the whole") {
  std::mt19937 random(1);
  std::string bytes(1000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 13) {
    CAPTURE(cut);
    const std::string_view all = bytes;
    CHECK(Crc32c(all.substr(cut), Crc32c(all.substr(0, cut))) == Crc32c(all));
  }
}

}  // namespace
}  // namespace edgefeed
