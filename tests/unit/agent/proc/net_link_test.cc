#include "agent/proc/net_link.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {

TEST_CASE("a link's speed is in bytes per second, where it is known") {
  CHECK(LinkSpeedBytes(1000) == 125e6);
  for (const std::int64_t unknown : {-1LL, 0LL, 65535LL, 4294967295LL}) {
    CHECK_FALSE(LinkSpeedBytes(unknown));
  }
}

TEST_CASE("links are told with carrier and speed") {
  auto source = OpenNetLinks(FixtureRoots("arm64-5.15-fourcore"));
  REQUIRE(source);
  MachineState state;
  CHECK((*source)->Refresh());
  CHECK((*source)->Read(state));
  CHECK(ByName(state) == Readings{{"network_carrier{device=\"docker0\"}", 0},
                                  {"network_carrier{device=\"eth0\"}", 1},
                                  {"network_carrier{device=\"wlan0\"}", 0},
                                  {"network_speed_bytes{device=\"eth0\"}", 125e6}});
}

}  // namespace edgefeed
