// The machine that the test runs on: values must be plausible, whatever it is.
#include <doctest/doctest.h>

#include "agent/proc/linux_kernel.h"
#include "tests/unit/agent/proc/fixture_readings.h"

namespace edgefeed {
namespace {

std::string LabelNames(const Labels& labels) {
  std::string names;
  for (const Label& label : labels) names += (names.empty() ? "" : ",") + label.name;
  return names;
}

}  // namespace

TEST_CASE("live: the machine's values are plausible" * doctest::test_suite("real_kernel")) {
  const SystemClock clock;
  auto kernel = LinuxKernel::Open({}, clock);
  REQUIRE(kernel);
  const MachineState state = (*kernel)->Read();
  const Readings readings = ByName(state);

  REQUIRE(state.cpu);
  CHECK(state.cpu->busy > 0);
  CHECK(state.cpu->busy <= state.cpu->total);
  REQUIRE(state.memory_used_mib);
  CHECK(*state.memory_used_mib > 0);
  CHECK(readings.at("memory_used_bytes") < readings.at("memory_total_bytes"));
  CHECK(readings.at("memory_available_bytes") <= readings.at("memory_total_bytes"));
  CHECK(readings.at("uptime_seconds") > 0);
  CHECK(readings.at("threads") >= 1);
  CHECK(readings.at("processes") >= 1);
  CHECK(readings.at("agent_open_fds") >= 5);
  CHECK(readings.at("agent_resident_memory_bytes") > 100'000);
}

TEST_CASE("live: every reading is one of the catalogue, with the labels that it promises") {
  const SystemClock clock;
  auto kernel = LinuxKernel::Open({}, clock);
  REQUIRE(kernel);
  for (const MachineReading& reading : (*kernel)->Read().readings) {
    CAPTURE(reading.metric->name);
    CHECK(FindMetric(reading.metric->name) == reading.metric);
    CHECK(LabelNames(reading.labels) == reading.metric->labels);
  }
}

TEST_CASE("live: counters do not go back") {
  const SystemClock clock;
  auto kernel = LinuxKernel::Open({}, clock);
  REQUIRE(kernel);
  const MachineState before = (*kernel)->Read();
  const Readings after = ByName((*kernel)->Read());
  for (const MachineReading& reading : before.readings) {
    // The kernel itself may take back idle and iowait.
    if (reading.metric->kind != Kind::kCounter || reading.metric->labels.ends_with("mode"))
      continue;
    const auto name = ToString(Series{std::string(reading.metric->name), reading.labels});
    CAPTURE(name);
    REQUIRE(after.contains(name));
    CHECK(after.at(name) >= reading.value);
  }
}

}  // namespace edgefeed
