#include "agent/proc/self_stat.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {

TEST_CASE("the agent's footprint is read from its stat") {
  const auto stat = ParseSelfStat(FixtureText("x86_64-6.1-server", "proc/self/stat"));
  REQUIRE(stat);
  CHECK(stat->user_ticks == 12033);
  CHECK(stat->system_ticks == 8120);
  CHECK(stat->threads == 9);
  CHECK(stat->resident_pages == 7811);
}

TEST_CASE("a name with blanks and parentheses does not shift the fields") {
  const auto stat = ParseSelfStat(FixtureText("container-5.10", "proc/self/stat"));
  REQUIRE(stat);
  CHECK(stat->user_ticks == 12);
  CHECK(stat->threads == 5);
  CHECK(stat->resident_pages == 1822);
}

TEST_CASE("a stat that is cut short is refused, wherever") {
  const std::string text = "1 (agent) S 0 1 1 0 -1 4 9 0 0 0 12 9 0 0 20 0 5 0 4120 41234432 1822";
  REQUIRE(ParseSelfStat(text));
  for (std::size_t size = 0; size + 4 < text.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(ParseSelfStat(text.substr(0, size)));
  }
}

}  // namespace edgefeed
