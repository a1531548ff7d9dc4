// Our agent and a server of the original contract.

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/compat/original_server.h"
#include "tests/support/program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unpacked.h"

namespace edgefeed::compat {
namespace {

using telemetry::MetricsPayload;
using namespace std::chrono_literals;

constexpr auto kPatience = 30s;

class RunningAgent {
 public:
  explicit RunningAgent(std::uint16_t port)
      : program_({.program = BuiltProgram("edgefeed-agent"),
                  .arguments = {"--config", Config(port).string()}}) {}

  Program& program() { return program_; }
  // As a careful producer does it.
  void Drop(const std::string& name, const std::string& bytes) const {
    const auto hidden = directory_.Write("." + name, bytes);
    std::filesystem::rename(hidden, directory_.path() / "crashes" / name);
  }

 private:
  std::filesystem::path Config(std::uint16_t port) const {
    std::filesystem::create_directory(directory_.path() / "crashes");
    return directory_.Write("agent.yaml",
                            "service_name: plant-7\n"
                            "collector: {address: 127.0.0.1:" +
                                std::to_string(port) +
                                "}\n"
                                "sample_interval: 100ms\n"
                                "crash_dumps: {directories: [crashes], systemd_directory: ''}\n"
                                "state_dir: " +
                                (directory_.path() / "state").string() + "\n");
  }

  TempDir directory_;
  Program program_;
};

std::uint64_t NowMillis() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// MemTotal − MemAvailable as this test sees it, MiB.
double MemoryUsed() {
  std::ifstream meminfo("/proc/meminfo");
  std::string name;
  std::string unit;
  double kib = 0;
  double used = 0;
  while (meminfo >> name >> kib && std::getline(meminfo, unit)) {
    if (name == "MemTotal:") used += kib / 1024;
    if (name == "MemAvailable:") used -= kib / 1024;
  }
  return used;
}

// Keeps a CPU busy from construction to Stop(), and notes between which bounds the memory in use of
// this machine moved meanwhile: others use it too.
class BusyWatch {
 public:
  BusyWatch() : least_mib_(MemoryUsed()), most_mib_(least_mib_) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const double used = MemoryUsed();
        least_mib_ = std::min(least_mib_, used);
        most_mib_ = std::max(most_mib_, used);
      }
    });
  }
  void Stop() {
    thread_.request_stop();
    thread_.join();
  }
  // After Stop().
  [[nodiscard]] double least_mib() const { return least_mib_; }
  [[nodiscard]] double most_mib() const { return most_mib_; }

 private:
  double least_mib_;
  double most_mib_;
  std::jthread thread_;
};

TEST_CASE("an original server gets one payload per sample with this machine's numbers") {
  // Between two looks of the watch.
  constexpr double kSlackMib = 64;
  Received received;
  const OriginalServer server(received, 0);
  const auto start = NowMillis();
  BusyWatch watch;
  RunningAgent agent(server.port());

  REQUIRE(received.WaitFor(30, kPatience));
  const auto payloads = received.Payloads();
  watch.Stop();

  std::uint64_t last = start - 1;
  for (const MetricsPayload& payload : payloads) {
    CAPTURE(payload.ShortDebugString());
    CHECK(payload.GetReflection()->GetUnknownFields(payload).empty());
    CHECK(payload.service_name() == "plant-7");
    CHECK(payload.cpu_usage() >= 0);
    CHECK(payload.cpu_usage() <= 100);
    CHECK(payload.memory_mb() >= watch.least_mib() - kSlackMib);
    CHECK(payload.memory_mb() <= watch.most_mib() + kSlackMib);
    CHECK(payload.timestamp_ms() > last);
    CHECK(payload.timestamp_ms() <= NowMillis());
    last = payload.timestamp_ms();
  }
  const double cpu = std::ranges::max(payloads, {}, &MetricsPayload::cpu_usage).cpu_usage();
  CHECK(cpu > 50.0 / std::thread::hardware_concurrency());
}

TEST_CASE("an alert of an original server shows in the agent's log") {
  Received received;
  const OriginalServer server(received, 0);
  RunningAgent agent(server.port());

  const auto line = agent.program().WaitForLine("original alert about plant-7", kPatience);

  REQUIRE(line);
  CHECK(line->find("CPU_HIGH") != std::string::npos);
}

TEST_CASE("what was sampled while an original server was down comes when it is back, in order") {
  Received received;
  auto server = std::make_unique<OriginalServer>(received, 0);
  const std::uint16_t port = server->port();
  RunningAgent agent(port);
  REQUIRE(received.WaitFor(5, kPatience));

  server.reset();
  const auto down = NowMillis();
  const std::size_t before = received.Payloads().size();
  REQUIRE(agent.program().WaitForLine("lost collector", kPatience));
  CHECK_FALSE(received.WaitFor(before + 1, 1500ms));  // Samples pile up meanwhile.
  const auto up = NowMillis();
  server = std::make_unique<OriginalServer>(received, port);
  REQUIRE(agent.program().WaitForLine("connected to 127.0.0.1:" + std::to_string(port), kPatience));
  REQUIRE(received.WaitForSampleAfter(up, kPatience));

  auto payloads = received.Payloads();
  payloads.erase(payloads.begin(), payloads.begin() + static_cast<std::ptrdiff_t>(before));
  const auto strictly_newer = [](const MetricsPayload& a, const MetricsPayload& b) {
    return a.timestamp_ms() >= b.timestamp_ms();
  };
  CHECK(std::ranges::adjacent_find(payloads, strictly_newer) == payloads.end());
  const auto taken_meanwhile = std::ranges::count_if(payloads, [&](const MetricsPayload& payload) {
    return payload.timestamp_ms() > down && payload.timestamp_ms() < up;
  });
  CHECK(taken_meanwhile >= 8);
  CHECK(std::ranges::all_of(payloads, [](const MetricsPayload& payload) {
    return payload.GetReflection()->GetUnknownFields(payload).empty();
  }));
}

TEST_CASE(
    "an original server gets a dump as one whole file, also after a break, and never a tail") {
  Received received;
  const OriginalServer server(received, 0);
  RunningAgent agent(server.port());
  std::string bytes;  // Not all alike, or little would be left of them.
  std::mt19937_64 random(7);
  while (bytes.size() < 700'000) bytes += static_cast<char>(random());

  agent.Drop("program.core", bytes);

  REQUIRE(received.WaitForFiles(1, kPatience));
  REQUIRE(agent.program().WaitForLine("delivered", kPatience));
  const auto files = received.Files();
  REQUIRE(files.size() == 1);
  CHECK_FALSE(files[0].has_unknown_fields);
  CHECK(files[0].name.ends_with(".zst"));
  CHECK((Unpacked(files[0].bytes) == bytes));
}

TEST_CASE("the agent ends cleanly while it feeds an original server") {
  Received received;
  const OriginalServer server(received, 0);
  RunningAgent agent(server.port());
  REQUIRE(received.WaitFor(3, kPatience));

  agent.program().Signal(SIGTERM);

  CHECK(agent.program().Wait(5s) == 0);
}

}  // namespace
}  // namespace edgefeed::compat
