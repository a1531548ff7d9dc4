#include "agent/proc/device_identity.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {

TEST_CASE("os-release values lose their quotes") {
  CHECK(OsReleaseValue("PRETTY_NAME=\"A \\\"B\\\" C\"\n", "PRETTY_NAME") == "A \"B\" C");
  CHECK(OsReleaseValue("NAME='It is'\n", "NAME") == "It is");
  CHECK(OsReleaseValue("ID=debian", "ID") == "debian");
  CHECK(OsReleaseValue("# ID=no\nXID=no\nID_LIKE=no\n  ID=yes\n", "ID") == "yes");
  CHECK(OsReleaseValue("ID=\"", "ID") == "\"");
  CHECK(OsReleaseValue("ID=", "ID").empty());
  CHECK(OsReleaseValue("", "ID").empty());
}

TEST_CASE("a device says which boot, kernel and system it runs") {
  const auto os_release = FixturePath("container-5.10") / "etc/os-release";
  const DeviceInfo info = ReadDeviceIdentity(FixtureRoots("container-5.10"), os_release);
  CHECK(info.boot_id == "7a0e5b1c-2d3f-4e5a-8b6c-9d0e1f2a3b4c");
  CHECK(info.kernel_release == "5.10.209-198.812.amzn2.x86_64");
  CHECK(info.operating_system == "Alpine Linux v3.19");
  CHECK_FALSE(info.machine.empty());
}

TEST_CASE("what cannot be read of a device stays empty") {
  const DeviceInfo info = ReadDeviceIdentity({"/nowhere", "/nowhere"}, "/nowhere/os-release");
  CHECK(info.boot_id.empty());
  CHECK(info.kernel_release.empty());
  CHECK(info.operating_system.empty());
}

}  // namespace edgefeed
