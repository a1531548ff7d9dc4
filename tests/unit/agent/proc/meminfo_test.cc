#include "agent/proc/meminfo.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {

TEST_CASE("the fields that a kernel has are told apart") {
  const auto old = MeminfoFields(FixtureText("i686-3.10-panel", "proc/meminfo"));
  CHECK(old.contains("MemTotal"));
  CHECK(old.contains("Cached"));
  CHECK_FALSE(old.contains("MemAvailable"));
  const auto container = MeminfoFields(FixtureText("container-5.10", "proc/meminfo"));
  CHECK(container.contains("MemAvailable"));
  CHECK_FALSE(container.contains("SwapTotal"));
  CHECK(MeminfoFields("MemTotal").empty());
}

TEST_CASE("memory in use is what is not available") {
  CHECK(UsedKib({.total = 1000, .free = 100, .buffers = 50, .cached = 200, .available = 400}) ==
        600);
}

TEST_CASE("before MemAvailable, buffers and cache count as free") {
  CHECK(UsedKib({.total = 1000, .free = 100, .buffers = 50, .cached = 200, .available = {}}) ==
        650);
}

TEST_CASE("memory in use is never negative") {
  CHECK(UsedKib({.total = 1000, .available = 1200}) == 0);
}

}  // namespace edgefeed
