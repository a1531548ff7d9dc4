#include "agent/proc/cgroup.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {
namespace {

Readings ReadCgroup(const KernelRoots& roots) {
  auto source = OpenCgroup(roots);
  REQUIRE(source);
  MachineState state;
  CHECK((*source)->Read(state));
  return ByName(state);
}

}  // namespace

TEST_CASE("a control group's path is found in version 1, in version 2 and in both side by side") {
  CHECK(ParseCgroup("0::/a:b\n").unified == "/a:b");
  CHECK_FALSE(ParseCgroup("0::/a\n").memory_v1);
  const auto both = ParseCgroup("9:name=systemd:/\n4:hugetlb,memory:/web\n0::/\n");
  CHECK(both.memory_v1 == "/web");
  CHECK(both.unified == "/");
  CHECK_FALSE(ParseCgroup("3:memory_recursive:/x\n2:cpu,cpuacct:/\n").memory_v1);
  CHECK_FALSE(ParseCgroup("garbage\n4:memory").memory_v1);
  CHECK_FALSE(ParseCgroup("").unified);
}

TEST_CASE("no limit is no reading") {
  CHECK(ParseMemoryLimit("536870912\n") == 536870912);
  CHECK_FALSE(ParseMemoryLimit("max\n"));
  CHECK_FALSE(ParseMemoryLimit("9223372036854771712\n"));
  CHECK_FALSE(ParseMemoryLimit("-1\n"));
  CHECK_FALSE(ParseMemoryLimit(""));
}

TEST_CASE("the agent's own group is read, not the one at the top") {
  CHECK(ReadCgroup(FixtureRoots("armv7-4.9-onecore")) ==
        Readings{{"cgroup_memory_usage_bytes", 9641984}, {"cgroup_memory_limit_bytes", 33554432}});
  CHECK(
      ReadCgroup(FixtureRoots("arm64-5.15-fourcore")) ==
      Readings{{"cgroup_memory_usage_bytes", 18284544}, {"cgroup_memory_limit_bytes", 536870912}});
  CHECK(ReadCgroup(FixtureRoots("x86_64-6.1-server")) ==
        Readings{{"cgroup_memory_usage_bytes", 31203328}});
}

TEST_CASE("in a container whose path is the host's, the top of the mount is its group") {
  CHECK(
      ReadCgroup(FixtureRoots("container-5.10")) ==
      Readings{{"cgroup_memory_usage_bytes", 62914560}, {"cgroup_memory_limit_bytes", 268435456}});
}

TEST_CASE("a kernel that does not account for memory has no such source") {
  const auto source = OpenCgroup(FixtureRoots("i686-3.10-panel"));
  REQUIRE_FALSE(source);
  CHECK(source.error().code == Code::kNotFound);
}

}  // namespace edgefeed
