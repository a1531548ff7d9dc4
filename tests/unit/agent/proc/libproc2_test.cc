// What libproc2 makes of the fixtures: read by a process that has them as its /proc and /sys.
#include <doctest/doctest.h>

#include <cstdint>

#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {
namespace {

// Nothing, said loudly, where namespaces are refused.
std::optional<Readings> ReadOrSkip(const std::string& name) {
  auto readings = ReadAsRealMachine(name);
  if (!readings) {
    MESSAGE("SKIPPED: this system allows no mount namespaces, so libproc2 cannot read ", name);
  }
  return readings;
}

// In an unsigned long: it begins anew where that has 32 bits.
double AsLibproc2Counts(std::uint64_t number) {
  return static_cast<double>(static_cast<unsigned long>(number));
}

}  // namespace

TEST_CASE("libproc2: before MemAvailable it is left out, and use is computed without it") {
  const auto readings = ReadOrSkip("i686-3.10-panel");
  if (!readings) return;
  CHECK(OfMetric(*readings, "memory_available_bytes").empty());
  CHECK(readings->at("memory_total_bytes") == 1025408.0 * 1024);
  CHECK(readings->at("memory_used_bytes") == (1025408.0 - 112340 - 84212 - 401236) * 1024);
  CHECK(readings->at("state.memory_used_mib") == (1025408.0 - 112340 - 84212 - 401236) / 1024);
  CHECK(readings->at("swap_used_bytes") == (524284.0 - 498112) * 1024);
  CHECK(readings->at("uptime_seconds") == 8640123.45);
  CHECK(readings->at("boot_time_seconds") == 1370000000);
  CHECK(readings->at("context_switches_total") == AsLibproc2Counts(5'123'456'789));
  CHECK(readings->at("cpu_seconds_total{cpu=\"1\",mode=\"idle\"}") == 7923456.78);
  CHECK(readings->at("cpu_all_seconds_total{mode=\"user\"}") == 512345.67 + 501234.56);
  CHECK(OfMetric(*readings, "disk_reads_total") ==
        Readings{{"disk_reads_total{device=\"sda\"}", 312045}});
  CHECK(readings->at("agent_read_errors_total") == 0);
}

TEST_CASE("libproc2: one core, and disks with 14 fields") {
  const auto readings = ReadOrSkip("armv7-4.9-onecore");
  if (!readings) return;
  CHECK(readings->at("state.memory_used_mib") == (247728.0 - 180244) / 1024);
  CHECK(readings->at("state.cpu.busy") == 82341 + 120 + 24012 + 4012);
  CHECK(readings->at("state.cpu.total") == 82341 + 120 + 24012 + 241033 + 1203 + 4012);
  CHECK(OfMetric(*readings, "cpu_seconds_total").size() == 8);
  CHECK(OfMetric(*readings, "disk_io_seconds_total") ==
        Readings{{"disk_io_seconds_total{device=\"mmcblk0\"}", 30.12},
                 {"disk_io_seconds_total{device=\"mtdblock0\"}", 0.004}});
  CHECK(readings->at("disk_io_in_flight{device=\"mmcblk0\"}") == 1);
  CHECK(readings->at("disk_written_bytes_total{device=\"mmcblk0\"}") == 98032.0 * 512);
  CHECK(readings->at("processes_running") == 2);
  CHECK(readings->at("processes_blocked") == 1);
  CHECK(readings->at("load1") == 1.02);
  CHECK(readings->at("load15") == 0.71);
}

TEST_CASE("libproc2: four cores") {
  const auto readings = ReadOrSkip("arm64-5.15-fourcore");
  if (!readings) return;
  CHECK(OfMetric(*readings, "cpu_seconds_total").size() == 32);
  CHECK(readings->at("memory_available_bytes") == 3120344.0 * 1024);
  CHECK(OfMetric(*readings, "disk_reads_total").size() == 2);
}

TEST_CASE("libproc2: 32 cores, and counters beyond 32 bits") {
  const auto readings = ReadOrSkip("x86_64-6.1-server");
  if (!readings) return;
  CHECK(OfMetric(*readings, "cpu_seconds_total").size() == 32 * 8);
  CHECK(readings->contains("cpu_seconds_total{cpu=\"31\",mode=\"steal\"}"));
  CHECK(readings->at("context_switches_total") == AsLibproc2Counts(98'120'344'556));
  // sr0 is a drive; md127, dm-0, loop0 and the partitions are not.
  CHECK(OfMetric(*readings, "disk_reads_total").size() == 7);
  if constexpr (sizeof(unsigned long) == 8) {  // NOLINT: libproc2's own type.
    CHECK(readings->at("disk_reads_total{device=\"nvme0n1\"}") == 4412033445.0);
    CHECK(readings->at("disk_read_bytes_total{device=\"nvme0n1\"}") == 5294967296.0 * 512);
  }
}

TEST_CASE("libproc2: what a container lacks is left out, and no error") {
  const auto readings = ReadOrSkip("container-5.10");
  if (!readings) return;
  CHECK(OfMetric(*readings, "disk_reads_total").empty());
  CHECK(OfMetric(*readings, "swap_total_bytes").empty());
  CHECK(OfMetric(*readings, "swap_used_bytes").empty());
  CHECK(readings->at("state.memory_used_mib") == (262144.0 - 220344) / 1024);
  CHECK(readings->at("cpu_seconds_total{cpu=\"0\",mode=\"steal\"}") == 41.2);
  CHECK(readings->at("agent_read_errors_total") == 0);
}

}  // namespace edgefeed
