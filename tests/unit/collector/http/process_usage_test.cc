#include "collector/http/process_usage.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

constexpr std::string_view kSelfStat =
    "4131 (edge) feed (x) S 1 4131 4131 0 -1 4194560 5102 0 0 0 153 47 0 0 20 0 9 0 88100 "
    "740130816 2310 18446744073709551615 1 1 0\n";
constexpr std::string_view kStat = "cpu  1 2 3\nbtime 1700000000\nprocesses 5\n";

TEST_CASE("/proc/self/stat and /proc/stat are read, whatever the program's name") {
  const auto usage =
      ParseProcessStat(kSelfStat, kStat, {.ticks_per_second = 100, .page_bytes = 4096});
  REQUIRE(usage);
  CHECK(usage->cpu_seconds == doctest::Approx(2.0));
  CHECK(usage->start_time_unix_seconds == doctest::Approx(1'700'000'881.0));
  CHECK(usage->virtual_bytes == 740'130'816);
  CHECK(usage->resident_bytes == 2310 * 4096);
}

TEST_CASE("what is cut short is an error") {
  CHECK_FALSE(ParseProcessStat("4131 (x) S 1 2", kStat, {}));
  CHECK_FALSE(ParseProcessStat("4131 (x", kStat, {}));
  CHECK_FALSE(ParseProcessStat(kSelfStat, "cpu 1\n", {}));
}

}  // namespace
}  // namespace edgefeed
