#include "agent/proc/directory.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {

TEST_CASE("numbered entries are counted anew each time") {
  const TemporaryDirectory proc;
  for (const char* name : {"1", "17", "self", "cpuinfo"}) proc.Write(name, "");
  auto directory = Directory::Open(proc.path());
  REQUIRE(directory);
  CHECK(*directory->CountNumbered() == 2);
  proc.Write("6284", "");
  CHECK(*directory->CountNumbered() == 3);
}

TEST_CASE("entries with a prefix and a number are listed in the order of the numbers") {
  const TemporaryDirectory cpus;
  for (const char* name : {"cpu0", "cpu10", "cpu2", "cpuidle", "cpu", "cpu1x"})
    cpus.Write(name, "");
  CHECK(NumberedEntries(cpus.path(), "cpu") == std::vector<unsigned>{0, 2, 10});
  CHECK(EntriesOf(cpus.path()).size() == 6);
}

TEST_CASE("a directory that is not there has no entries") {
  CHECK(EntriesOf("/nowhere").empty());
  const auto directory = Directory::Open("/nowhere");
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == Code::kNotFound);
}

}  // namespace edgefeed
