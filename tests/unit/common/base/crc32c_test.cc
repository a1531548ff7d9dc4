#include "common/base/crc32c.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/some_bytes.h"

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

// As the algorithm is written down.
std::uint32_t BitByBit(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78 : 0);
  }
  return ~crc;
}

TEST_CASE("checksums of any length at any address are those of the algorithm") {
  const std::string bytes = SomeBytes(300);
  for (std::size_t start = 0; start < 9; ++start) {
    for (std::size_t length = 0; length < 280; ++length) {
      const std::string_view some = std::string_view(bytes).substr(start, length);
      CHECK(Crc32c(some) == BitByBit(some));
    }
  }
}

}  // namespace
}  // namespace edgefeed
