#include "ctl/render/human.h"

#include <doctest/doctest.h>

#include <limits>

namespace edgefeed {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("readings are shown in the unit that their name ends with") {
  CHECK(FormatReading("memory_free_bytes", 1536) == "1.5 KiB");
  CHECK(FormatReading("disk_read_bytes_total", 3 << 20) == "3.0 MiB");
  CHECK(FormatReading("cpu_seconds_total", 93784) == "1d 2h");
  CHECK(FormatReading("pressure_ratio", 0.125) == "12.5 %");
  CHECK(FormatReading("temperature_celsius", 45.04) == "45.0 °C");
  CHECK(FormatReading("cpu_frequency_hertz", 1.8e9) == "1.80 GHz");
  CHECK(FormatReading("fan_percent", 7) == "7.0 %");
  CHECK(FormatReading("context_switches_total", 1234567) == "1,234,567");
  CHECK(FormatReading("load1", 0.25) == "0.25");
}

TEST_CASE("values that make no sense are shown without harm") {
  for (const char* metric : {"a_bytes", "a_seconds", "a_ratio", "a_celsius", "a_hertz", "a"}) {
    CAPTURE(metric);
    CHECK(FormatReading(metric, kInfinity) == "-");
    CHECK(FormatReading(metric, -kInfinity) == "-");
    CHECK(FormatReading(metric, kNotANumber) == "-");
    CHECK(FormatReading(metric, 1e300).size() > 1);
    CHECK(FormatReading(metric, -1e300).size() > 1);
  }
  CHECK(FormatMebibytes(kNotANumber) == "-");
  CHECK(FormatPercent(kInfinity) == "-");
}

TEST_CASE("seconds") {
  CHECK(FormatSeconds(0) == "0 s");
  CHECK(FormatSeconds(0.00025) == "250 µs");
  CHECK(FormatSeconds(0.25) == "250 ms");
  CHECK(FormatSeconds(12.5) == "12.5 s");
  CHECK(FormatSeconds(200) == "3m 20s");
  CHECK(FormatSeconds(7200) == "2h");
  CHECK(FormatSeconds(-60) == "-1m");
}

TEST_CASE("numbers are grouped by thousands") {
  CHECK(FormatNumber(0) == "0");
  CHECK(FormatNumber(999) == "999");
  CHECK(FormatNumber(1000) == "1,000");
  CHECK(FormatNumber(-123456) == "-123,456");
  CHECK(FormatNumber(-1000000) == "-1,000,000");
}

TEST_CASE("ages") {
  const WallTime now = FromUnixMillis(1'700'000'000'000);
  const auto ago = [&](std::chrono::seconds age) { return FormatAgo(now - age, now); };
  CHECK(ago(std::chrono::seconds(0)) == "now");
  CHECK(ago(std::chrono::seconds(-30)) == "now");  // The other clock is ahead.
  CHECK(ago(std::chrono::seconds(119)) == "119s ago");
  CHECK(ago(std::chrono::minutes(5)) == "5m ago");
  CHECK(ago(std::chrono::hours(47)) == "47h ago");
  CHECK(ago(std::chrono::hours(50)) == "2d ago");
  CHECK(FormatAgo(WallTime(), now) == "never");
}

TEST_CASE("times") {
  CHECK(FormatUtc(FromUnixMillis(1'700'000'000'999)) == "2023-11-14 22:13:20 UTC");
  CHECK(FormatUtc(WallTime()) == "1970-01-01 00:00:00 UTC");
  CHECK(FormatUtc(FromUnixMillis(4'102'444'800'000)) == "2100-01-01 00:00:00 UTC");
  CHECK(FormatUtc(WallTime::max()).size() > 1);
}

}  // namespace
}  // namespace edgefeed
