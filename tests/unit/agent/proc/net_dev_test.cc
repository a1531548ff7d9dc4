#include "agent/proc/net_dev.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {

TEST_CASE("interfaces have their counters in both directions") {
  const std::string text = FixtureText("x86_64-6.1-server", "proc/net/dev");
  const NetDev parsed = ParseNetDev(text);
  CHECK(parsed.bad_lines == 0);
  REQUIRE(parsed.interfaces.size() == 7);
  const InterfaceCounters& eno1 = parsed.interfaces[1];
  CHECK(eno1.name == "eno1np0");
  CHECK(eno1.receive == PacketCounters{912033445566778, 712033445566, 0, 120344});
  CHECK(eno1.transmit == PacketCounters{412033445566778, 512033445566, 0, 0});
}

TEST_CASE("a number that follows the colon directly, and colons in a name") {
  const NetDev parsed =
      ParseNetDev("eth0:1:18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
  REQUIRE(parsed.interfaces.size() == 1);
  CHECK(parsed.interfaces[0].name == "eth0:1");
  CHECK(parsed.interfaces[0].receive == PacketCounters{18446744073709551615U, 2, 3, 4});
  CHECK(parsed.interfaces[0].transmit == PacketCounters{9, 10, 11, 12});
}

TEST_CASE("a line that is cut short or odd is counted, and the others stand") {
  const std::string good = "eth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
  for (const char* bad : {"eth0: 1 2 3 4 5 6 7 8 9 10 11\n", "eth0 1 2\n", "eth0:\n",
                          "eth0: -1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"}) {
    CAPTURE(bad);
    const std::string text = bad + good;
    const NetDev parsed = ParseNetDev(text);
    CHECK(parsed.bad_lines == 1);
    REQUIRE(parsed.interfaces.size() == 1);
    CHECK(parsed.interfaces[0].name == "eth1");
  }
}

TEST_CASE("the loopback and the host's ends of containers are not told of") {
  CHECK(IsToldOf("eth0"));
  CHECK(IsToldOf("docker0"));
  CHECK(IsToldOf("lo0"));
  CHECK_FALSE(IsToldOf("lo"));
  CHECK_FALSE(IsToldOf("veth1f2e3d4"));
  CHECK_FALSE(IsToldOf("cali0123456789a"));
}

}  // namespace edgefeed
