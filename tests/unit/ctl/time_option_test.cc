#include "ctl/time_option.h"

#include <doctest/doctest.h>

#include "common/base/units.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = FromUnixMillis(1'700'000'000'000);

std::uint64_t Millis(std::string_view text) {
  const auto time = ParseTime(text);
  REQUIRE_MESSAGE(time, std::string(text));
  return UnixMillis(time->At(kNow));
}

TEST_CASE("times are counted from now, from 1970, or fixed") {
  CHECK(Millis("now") == UnixMillis(kNow));
  CHECK(Millis("-1h") == UnixMillis(kNow - 1h));
  CHECK(Millis("-7d") == UnixMillis(kNow - 168h));
  CHECK(Millis("-90000d") == 0);  // Not before 1970.
  CHECK(Millis("0") == 0);
  CHECK(Millis("1764064800") == 1'764'064'800'000);
  CHECK(Millis("2025-11-25T10:00:00Z") == 1'764'064'800'000);
  CHECK(Millis("2025-11-25t12:30:00.25+02:30") == 1'764'064'800'250);
  CHECK(Millis("2025-11-25 08:59:59.9999-01:00") == 1'764'064'799'999);
  CHECK(Millis("2024-02-29T00:00:00Z") == 1'709'164'800'000);
}

TEST_CASE("what is no time is refused with examples") {
  for (const char* text : {"",
                           "-",
                           "yesterday",
                           "1h",
                           "-1",
                           "-1y",
                           "1.5",
                           "-0x1h",
                           "99999999999999",
                           "2025-11-25",
                           "2025-11-25T10:00Z",
                           "2025-11-25T10:00:00",
                           "2025-02-29T10:00:00Z",
                           "2025-13-01T10:00:00Z",
                           "2025-11-25T24:00:00Z",
                           "2025-11-25T10:60:00Z",
                           "2025-11-25T10:00:61Z",
                           "2025-11-25T10:00:00.Z",
                           "2025-11-25T10:00:00Zz",
                           "2025-11-25T10:00:00+1:00",
                           "+025-11-25T10:00:00Z",
                           "2025-11-25T-1:00:00Z"}) {
    CAPTURE(text);
    const auto time = ParseTime(text);
    REQUIRE_FALSE(time);
    CHECK(time.error().message ==
          "'" + std::string(text) +
              "' is not a time such as -1h, now, 2026-11-25T10:00:00Z or seconds since 1970");
  }
}

TEST_CASE("a printed time is read back") {
  for (const std::uint64_t ms : {0ULL, 1'764'064'800'007ULL, 253'402'300'799'999ULL}) {
    CHECK(Millis(FormatTime(FromUnixMillis(ms))) == ms);
  }
  CHECK(FormatTime(FromUnixMillis(1'764'064'800'007)) == "2025-11-25T10:00:00.007Z");
}

}  // namespace
}  // namespace edgefeed
