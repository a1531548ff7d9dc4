#include "common/base/text.h"

#include <doctest/doctest.h>

#include <cstdint>

namespace edgefeed {
namespace {

TEST_CASE("trim takes blanks off both ends only") {
  CHECK(Trim(" \ta b\r\n") == "a b");
  CHECK(Trim(" \t\r\n").empty());
  CHECK(Trim("").empty());
}

TEST_CASE("lines come one by one, the last with or without a newline") {
  for (std::string_view rest : {"a\n\nb", "a\n\nb\n"}) {
    CAPTURE(rest);
    CHECK(NextLine(rest) == "a");
    CHECK(NextLine(rest) == "");
    CHECK(NextLine(rest) == "b");
    CHECK(NextLine(rest) == std::nullopt);
  }
}

TEST_CASE("fields come one by one, however many blanks are between") {
  std::string_view rest = "  cpu0\t 12 \n";
  CHECK(NextField(rest) == "cpu0");
  CHECK(NextField(rest) == "12");
  CHECK(NextField(rest) == std::nullopt);
  CHECK(rest.empty());
  CHECK(NextField(rest) == std::nullopt);
}

TEST_CASE("a number is the whole text and fits its type") {
  CHECK(ParseNumber<std::uint64_t>("18446744073709551615") == 18446744073709551615ULL);
  CHECK(ParseNumber<std::int32_t>("-5") == -5);
  CHECK(ParseNumber<double>("0.25") == 0.25);
  for (const char* text : {"", " 1", "1 ", "+1", "-1", "256", "0x1", "1.5"}) {
    CAPTURE(text);
    CHECK(ParseNumber<std::uint8_t>(text) == std::nullopt);
  }
}

}  // namespace
}  // namespace edgefeed
