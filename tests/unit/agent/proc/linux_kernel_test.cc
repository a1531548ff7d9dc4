#include "agent/proc/linux_kernel.h"

#include <doctest/doctest.h>

#include "common/model/metrics.h"
#include "tests/support/manual_scheduler.h"
#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {
namespace {

std::unique_ptr<LinuxKernel> OpenKernel(const KernelRoots& roots, const Clock& clock) {
  auto kernel = LinuxKernel::Open(roots, clock);
  REQUIRE(kernel);
  return *std::move(kernel);
}

// Here libproc2 reads the machine that the test runs on; what our own parsers read is the
// fixture's.
Readings ReadFixture(const std::string& name) {
  const ManualClock clock;
  return ByName(OpenKernel(FixtureRoots(name), clock)->Read());
}

}  // namespace

TEST_CASE("an old kernel without pressure leaves it out") {
  const Readings readings = ReadFixture("i686-3.10-panel");
  CHECK(OfMetric(readings, "pressure_avg10_ratio").empty());
  CHECK(OfMetric(readings, "cgroup_memory_usage_bytes").empty());
  CHECK(readings.at("cpu_core_throttles_total{cpu=\"1\"}") == 17);
  CHECK(OfMetric(readings, "cpu_package_throttles_total") ==
        Readings{{"cpu_package_throttles_total{package=\"0\"}", 19}});
  CHECK(readings.at("cpu_frequency_hertz{cpu=\"0\"}") == 1334e6);
  CHECK(readings.at("temperature_celsius{type=\"acpitz\",zone=\"0\"}") == 61);
  CHECK(readings.at("network_receive_errors_total{device=\"eth0\"}") == 3);
  CHECK(readings.at("threads") == 143);
}

TEST_CASE("a board with one core") {
  const Readings readings = ReadFixture("armv7-4.9-onecore");
  CHECK(readings.at("temperature_celsius{type=\"imx_thermal_zone\",zone=\"0\"}") == 52.734);
  CHECK(readings.at("network_carrier{device=\"can0\"}") == 0);
  CHECK(OfMetric(readings, "cpu_core_throttles_total").empty());
  CHECK(readings.at("file_descriptors_max") == 24576);
  CHECK(readings.at("agent_threads") == 5);
  CHECK(readings.at("agent_open_fds") == 4);
}

TEST_CASE("a board with four cores, pressure and a sensor below zero") {
  const Readings readings = ReadFixture("arm64-5.15-fourcore");
  CHECK(OfMetric(readings, "temperature_celsius").size() == 3);
  CHECK(readings.at("temperature_celsius{type=\"ambient-thermal\",zone=\"2\"}") == -4.25);
  CHECK(OfMetric(readings, "pressure_seconds_total").size() == 6);
  CHECK(readings.at("pressure_seconds_total{resource=\"io\",stall=\"full\"}") == 71.203445);
  CHECK(readings.at("pressure_avg10_ratio{resource=\"cpu\",stall=\"some\"}") ==
        doctest::Approx(0.0153));
  CHECK(readings.at("cpu_frequency_hertz{cpu=\"0\"}") == 600e6);
  CHECK(OfMetric(readings, "network_receive_bytes_total").size() == 3);
}

TEST_CASE("a server with many of everything") {
  const Readings readings = ReadFixture("x86_64-6.1-server");
  CHECK(OfMetric(readings, "cpu_frequency_hertz").size() == 32);
  CHECK(readings.at("cpu_core_throttles_total{cpu=\"5\"}") == 41);
  CHECK(OfMetric(readings, "cpu_package_throttles_total") ==
        Readings{{"cpu_package_throttles_total{package=\"0\"}", 112},
                 {"cpu_package_throttles_total{package=\"1\"}", 3}});
  CHECK(readings.at("network_receive_bytes_total{device=\"eno1np0\"}") == 912033445566778.0);
  CHECK(readings.at("network_speed_bytes{device=\"bond0\"}") == 25e9 / 8);
  CHECK(OfMetric(readings, "network_carrier").size() == 5);
}

TEST_CASE("a container with half of the files") {
  const Readings readings = ReadFixture("container-5.10");
  CHECK(OfMetric(readings, "temperature_celsius").empty());
  CHECK(OfMetric(readings, "pressure_seconds_total").empty());
  CHECK(OfMetric(readings, "cpu_frequency_hertz").empty());
  CHECK(readings.at("network_transmit_packets_total{device=\"eth0\"}") == 912);
  CHECK(readings.at("cgroup_memory_limit_bytes") == 268435456);
}

TEST_CASE("files that this kernel does not have are no errors") {
  const TemporaryDirectory empty;
  const ManualClock clock;
  const auto kernel = OpenKernel({empty.path() / "proc", empty.path() / "sys"}, clock);
  const Readings readings = ByName(kernel->Read());
  CHECK(readings.at("agent_read_errors_total") == 0);
  CHECK(OfMetric(readings, "network_receive_bytes_total").empty());
}

TEST_CASE("a file that cannot be understood is counted each time, and the others go on") {
  const TemporaryDirectory tree;
  tree.Write("proc/net/dev", "eth0: 1 2 3\neth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  tree.Write("proc/sys/fs/file-nr", "1408\t0\t4096\n");
  tree.Write("proc/pressure/cpu", "nonsense\n");
  const ManualClock clock;
  const auto kernel = OpenKernel({tree.path() / "proc", tree.path() / "sys"}, clock);

  const Readings readings = ByName(kernel->Read());
  CHECK(readings.at("agent_read_errors_total") == 2);
  CHECK(readings.at("file_descriptors_allocated") == 1408);
  CHECK(readings.at("network_receive_bytes_total{device=\"eth1\"}") == 1);
  CHECK(ByName(kernel->Read()).at("agent_read_errors_total") == 4);
}

TEST_CASE("a zone that comes is found within 10 s, one that goes is no error") {
  const TemporaryDirectory tree;
  const std::string zone = "sys/class/thermal/thermal_zone3/";
  ManualClock clock;
  const auto kernel = OpenKernel({tree.path() / "proc", tree.path() / "sys"}, clock);
  CHECK(OfMetric(ByName(kernel->Read()), "temperature_celsius").empty());

  tree.Write(zone + "type", "soc\n");
  tree.Write(zone + "temp", "40000\n");
  clock.Advance(std::chrono::milliseconds(9999));
  CHECK(OfMetric(ByName(kernel->Read()), "temperature_celsius").empty());
  clock.Advance(std::chrono::milliseconds(1));
  CHECK(ByName(kernel->Read()).at("temperature_celsius{type=\"soc\",zone=\"3\"}") == 40);

  std::filesystem::remove_all(tree.path() / zone);
  clock.Advance(std::chrono::seconds(10));
  const Readings gone = ByName(kernel->Read());
  CHECK(OfMetric(gone, "temperature_celsius").empty());
  CHECK(gone.at("agent_read_errors_total") == 0);
}

TEST_CASE("processes are counted every 10 s") {
  const TemporaryDirectory tree;
  tree.Write("proc/1/comm", "init\n");
  tree.Write("proc/self/comm", "agent\n");
  ManualClock clock;
  const auto kernel = OpenKernel({tree.path() / "proc", tree.path() / "sys"}, clock);
  CHECK(ByName(kernel->Read()).at("processes") == 1);
  tree.Write("proc/99/comm", "sh\n");
  CHECK(ByName(kernel->Read()).at("processes") == 1);
  clock.Advance(std::chrono::seconds(10));
  CHECK(ByName(kernel->Read()).at("processes") == 2);
}

}  // namespace edgefeed
