#include "agent/proc/pressure.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {

TEST_CASE("pressure has a share and a total, for some and for all tasks") {
  const Pressure pressure = ParsePressure(FixtureText("x86_64-6.1-server", "proc/pressure/io"));
  REQUIRE(pressure.some);
  CHECK(pressure.some->avg10_percent == 12.75);
  CHECK(pressure.some->total_us == 98120344556);
  REQUIRE(pressure.full);
  CHECK(pressure.full->avg10_percent == 9.31);
}

TEST_CASE("before Linux 5.13 the CPU's pressure has no line for all tasks") {
  const Pressure pressure =
      ParsePressure("some avg10=0.16 avg60=0.11 avg300=0.47 total=20036541\n");
  CHECK(pressure.some);
  CHECK_FALSE(pressure.full);
}

TEST_CASE("a line that is cut short or odd is left out") {
  for (const char* text :
       {"", "some", "some avg10=0.16 avg60=0.11", "some total=1", "some avg10= total=1",
        "some avg10=0.16 total=-1", "most avg10=0.16 total=1"}) {
    CAPTURE(text);
    CHECK_FALSE(ParsePressure(text).some);
  }
}

}  // namespace edgefeed
