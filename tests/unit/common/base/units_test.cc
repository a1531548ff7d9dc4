#include "common/base/units.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a duration is a whole number and a unit") {
  const std::pair<const char*, std::chrono::milliseconds> cases[] = {
      {"0s", 0ms}, {"250ms", 250ms}, {"10s", 10s}, {"5m", 5min}, {"1h", 1h}, {"3d", 72h}};
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const auto duration = ParseDuration(text);
    REQUIRE(duration);
    CHECK(*duration == expected);
    CHECK(FormatDuration(*duration) == text);
  }
}

TEST_CASE("what is not a duration is refused, with what is allowed") {
  for (const char* text : {"", "10", "s", "-1s", "1.5s", " 1s", "1 s", "1S", "1w", "1ss",
                           "18446744073709551615s", "99999999999999999999s"}) {
    CAPTURE(text);
    const auto duration = ParseDuration(text);
    REQUIRE_FALSE(duration);
    CHECK(duration.error() ==
          Error{Code::kInvalidArgument,
                "'" + std::string(text) + "' is not a duration such as 250ms, 10s, 5m, 1h or 3d"});
  }
}

TEST_CASE("a duration is written in the largest unit that is exact") {
  CHECK(FormatDuration(1500ms) == "1500ms");
  CHECK(FormatDuration(90s) == "90s");
  CHECK(FormatDuration(60s) == "1m");
  CHECK(FormatDuration(24h) == "1d");
}

TEST_CASE("a size is a whole number and a unit") {
  const std::pair<const char*, Bytes> cases[] = {{"512B", {512}},     {"64KiB", KiB(64)},
                                                 {"10MiB", MiB(10)},  {"2GiB", GiB(2)},
                                                 {"1TiB", GiB(1024)}, {"0B", {0}}};
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const auto size = ParseBytes(text);
    REQUIRE(size);
    CHECK(*size == expected);
  }
}

TEST_CASE("what is not a size is refused, with what is allowed") {
  for (const char* text : {"", "10", "KiB", "-1B", "1.5MiB", "1KB", "1kib", "9000000000000TiB"}) {
    CAPTURE(text);
    const auto size = ParseBytes(text);
    REQUIRE_FALSE(size);
    CHECK(size.error() ==
          Error{Code::kInvalidArgument,
                "'" + std::string(text) + "' is not a size such as 512B, 64KiB, 10MiB or 2GiB"});
  }
}

TEST_CASE("a size is written for people") {
  CHECK(FormatBytes({0}) == "0 B");
  CHECK(FormatBytes({812}) == "812 B");
  CHECK(FormatBytes({1024}) == "1.0 KiB");
  CHECK(FormatBytes(KiB(1536)) == "1.5 MiB");
  CHECK(FormatBytes(GiB(10)) == "10.0 GiB");
}

}  // namespace
}  // namespace edgefeed
