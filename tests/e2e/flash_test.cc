// Flash wears out: a connected agent does not write.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

namespace fs = std::filesystem;

// Longer than a sample may stay in memory without an acknowledgement: 10 s, and 1 s to look for it.
constexpr double kLongEnough = 130;  // Samples, one each 100 ms.

// What the agent says of itself with its newest sample, by metric; sums over labels.
std::map<std::string, double> Readings(const RunningCollector& collector) {
  std::map<std::string, double> sums;
  telemetry::MetricsResponse response;
  if (!Snapshot(Connect(collector.address()), "flash", response).ok()) return sums;
  for (const auto& reading : response.readings()) {
    sums[reading.series().metric()] += reading.value();
  }
  return sums;
}

double Acknowledged(const RunningCollector& collector) {
  return Readings(collector)["agent_samples_acknowledged_total"];
}

// The agent has written all that it writes once: the last of it when it knows the time.
bool AwaitTimeKnown(const RunningCollector& collector) {
  return Await([&] {
    telemetry::MetricsResponse response;
    return Snapshot(Connect(collector.address()), "flash", response).ok() &&
           response.device().boot().has_started_ms();
  });
}

void CheckBalance(const RunningCollector& collector) {
  const auto of = Readings(collector);
  REQUIRE(of.contains("agent_samples_collected_total"));
  CHECK(of.at("agent_samples_collected_total") + of.at("agent_samples_recovered_total") ==
        of.at("agent_samples_acknowledged_total") + of.at("agent_samples_queued") +
            of.at("agent_samples_dropped_total"));
}

// What a process has caused to be written to a disk; 0 on a file system that does not count.
std::uint64_t BytesWrittenBy(pid_t pid) {
  std::ifstream io("/proc/" + std::to_string(pid) + "/io");
  std::string key;
  for (std::uint64_t value = 0; io >> key >> value;) {
    if (key == "write_bytes:") return value;
  }
  FAIL("no write_bytes in /proc/PID/io");
  return 0;
}

using Listing = std::map<fs::path, fs::file_time_type>;

// The directory and all in it, with the time of the last change. Files come and go meanwhile.
Listing List(const fs::path& directory) {
  Listing found;
  std::error_code error;
  const auto add = [&](const fs::path& path) {
    const auto changed = fs::last_write_time(path, error);
    if (!error) found[path] = changed;
  };
  add(directory);
  for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    add(entry->path());
  }
  return found;
}

// Of everything below it, files and directories.
std::set<std::string> NamesIn(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& [path, changed] : List(directory)) {
    if (path != directory) names.insert(path.lexically_relative(directory).string());
  }
  return names;
}

bool HasSegments(const fs::path& directory) {
  return std::ranges::any_of(List(directory),
                             [](const auto& file) { return file.first.extension() == ".seg"; });
}

// More than a segment's header.
bool HasRecords(const fs::path& directory) {
  return std::ranges::any_of(List(directory), [](const auto& file) {
    std::error_code gone;
    const auto size = fs::file_size(file.first, gone);
    return file.first.extension() == ".seg" && !gone && size > 256;
  });
}

// Over `acknowledgements` more of them.
void CheckNothingIsWritten(RunningAgent& agent, const RunningCollector& collector,
                           const fs::path& state, double acknowledgements) {
  const auto written = BytesWrittenBy(agent.program().pid());
  const Listing listing = List(state);
  const double outbox_written = Readings(collector)["agent_outbox_written_bytes_total"];
  const double before = Acknowledged(collector);
  REQUIRE(Await([&] { return Acknowledged(collector) >= before + acknowledgements; }));
  CHECK(Readings(collector)["agent_outbox_written_bytes_total"] == outbox_written);
  CHECK(List(state) == listing);
  CHECK(BytesWrittenBy(agent.program().pid()) == written);
}

TEST_CASE("a connected agent writes nothing, and knows where each sample is, a crash or not") {
  const TempDir directory;
  const fs::path state = directory.path() / "state";
  RunningCollector collector;
  RunningAgent agent({.name = "flash",
                      .collector = collector.address(),
                      .state_dir = state.string(),
                      .more = "outbox: {sync_every: 1s}"});
  REQUIRE(Await([&] { return Acknowledged(collector) >= 5; }));
  REQUIRE(AwaitTimeKnown(collector));

  CheckNothingIsWritten(agent, collector, state, kLongEnough);
  // Made at the first start, for crash dumps, nothing is in them; what is known of boots; and where
  // the agent says how it is.
  CHECK(NamesIn(state) == std::set<std::string>{"boot", "boot/alive", "boot/record", "crashes",
                                                "dumps", "status.sock"});
  CheckBalance(collector);

  collector.program().Kill();
  REQUIRE(Await([&] { return HasRecords(state); }));
  agent.program().Kill();
  collector.Start();
  agent.Start();

  REQUIRE(collector.AwaitCaughtUp("flash"));
  // The disk is read beside the first samples.
  REQUIRE(Await([&] { return Readings(collector)["agent_samples_recovered_total"] > 0; }));
  CheckBalance(collector);
  REQUIRE(Await([&] { return !HasSegments(state); }));
  REQUIRE(AwaitTimeKnown(collector));
  CheckNothingIsWritten(agent, collector, state, kLongEnough);
  CHECK(agent.Stop().dropped == 0);
}

}  // namespace
}  // namespace edgefeed::e2e
