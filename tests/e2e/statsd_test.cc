// What applications of a device send reaches the operator: the real programs.

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"
#include "tests/support/datagram_sender.h"

namespace edgefeed::e2e {
namespace {

struct Device {
  explicit Device(const RunningCollector& on, std::string limits = "")
      : collector(on),
        spec{.name = "board-7",
             .collector = on.address(),
             .more = "statsd: {listen: '127.0.0.1:0', socket: '" + socket.string() + "'" +
                     std::move(limits) + "}"},
        agent(spec) {
    AwaitPort();
  }

  void AwaitPort() {
    const auto listening = agent.program().WaitForPort("statsd on 127.0.0.1:", kPatience);
    REQUIRE(listening);
    port = *listening;
    REQUIRE(agent.program().WaitForLine("statsd on " + socket.string(), kPatience));
  }

  // What the collector has of the newest sample, by series as Prometheus spells them.
  [[nodiscard]] std::map<std::string, double> Readings() const {
    telemetry::MetricsResponse response;
    std::map<std::string, double> readings;
    if (!Snapshot(Connect(collector.address()), spec.name, response).ok()) return readings;
    for (const auto& reading : response.readings()) {
      Series series{.metric = reading.series().metric(), .labels = {}};
      for (const auto& label : reading.series().labels()) {
        series.labels.push_back({label.name(), label.value()});
      }
      readings[ToString(series)] = reading.value();
    }
    return readings;
  }
  [[nodiscard]] std::optional<double> Reading(const std::string& series) const {
    const auto readings = Readings();
    const auto found = readings.find(series);
    return found == readings.end() ? std::nullopt : std::optional(found->second);
  }
  bool AwaitReading(const std::string& series, double value) const {
    const bool came = Await([&] { return Reading(series) == value; });
    CHECK_MESSAGE(came, series << " is not " << value);
    return came;
  }

  const RunningCollector& collector;
  TempDir directory;
  std::filesystem::path socket = directory.path() / "run" / "statsd.sock";
  AgentSpec spec;
  RunningAgent agent;
  std::uint16_t port = 0;
};

TEST_CASE("by UDP and by the socket, into the snapshot, the history and an alert") {
  RunningCollector collector("rules:\n  - {name: TOO_HOT, metric: sensord_temperature, above: 80}");
  Device device(collector);
  // As a script of the device would, without a library.
  Program shell({.program = "/bin/bash",
                 .arguments = {"-c",
                               "echo -n 'sensord.temperature:85.5|g|#room:left' > "
                               "/dev/udp/127.0.0.1/" +
                                   std::to_string(device.port)}});
  REQUIRE(shell.Wait(kPatience) == 0);
  REQUIRE(DatagramSender(device.socket)
              .Send("sensord.frames:3|c\nsensord.frames:2|c|@0.5\nsensord.read:250|ms\n"));

  device.AwaitReading("sensord_temperature{room=\"left\"}", 85.5);
  device.AwaitReading("sensord_frames_total", 7);
  device.AwaitReading("sensord_read_seconds_count", 1);
  device.AwaitReading("sensord_read_seconds_sum", 0.25);
  device.AwaitReading("agent_statsd_lines_total{application=\"sensord\"}", 4);
  device.AwaitReading("agent_statsd_series", 6);
  CHECK(device.agent.program().WaitForLine(
      "alert TOO_HOT: board-7: sensord_temperature{room=\"left\"} is 85.5, above 80", kPatience));

  const auto ctl = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--collector", collector.address(), "--json"});
    const auto program = Run("edgefeedctl", std::move(arguments));
    CHECK(program->Wait(kPatience) == 0);
    return program->Output(Stream::kStdout);
  };
  CHECK(ctl({"snapshot", "board-7"}).find("\"sensord_temperature\"") != std::string::npos);
  CHECK(Await([&] {
    return ctl({"history", "board-7", "--metric", "sensord_frames_total"}).find("7") !=
           std::string::npos;
  }));
  static_cast<void>(device.agent.Stop());
  CHECK_FALSE(std::filesystem::exists(device.socket));
}

TEST_CASE("a flood of one application is capped and counted, and the others' values arrive") {
  RunningCollector collector("rules: []");
  Device device(collector, ", max_rate: 50, max_series: 20");
  DatagramSender quiet(device.socket);
  DatagramSender quiet_by_udp(device.port);
  {
    const std::jthread flood([port = device.port](const std::stop_token& stop) {
      DatagramSender sender(port);
      for (int i = 0; !stop.stop_requested(); ++i) {
        sender.Send("flood.x" + std::to_string(i % 1000) + ":1|c");
      }
    });
    REQUIRE(Await([&] {
      return device.Reading("agent_statsd_dropped_total{application=\"flood\",reason=\"rate\"}")
                 .value_or(0) > 1000;
    }));
    for (int i = 1; i <= 5; ++i) {
      REQUIRE(quiet.Send("quiet.level:" + std::to_string(i) + "|g"));
      device.AwaitReading("quiet_level", i);
    }
    // On the port that is flooded a datagram may be lost; one that is repeated comes.
    CHECK(Await([&] {
      quiet_by_udp.Send("beside.level:9|g");
      return device.Reading("beside_level") == 9;
    }));
  }
  const auto readings = device.Readings();
  std::size_t of_flood = 0;
  for (const auto& [series, value] : readings) of_flood += series.starts_with("flood_x") ? 1 : 0;
  CHECK(of_flood == 20);
  CHECK(readings.contains("agent_statsd_dropped_total{application=\"flood\",reason=\"series\"}"));
  CHECK_FALSE(
      readings.contains("agent_statsd_dropped_total{application=\"quiet\",reason=\"rate\"}"));
  CHECK(readings.at("agent_missed_ticks_total") < 20);
  const auto status = device.agent.AskStatus({"--json"});
  CHECK(status->Output(Stream::kStdout).find(R"("application":"flood","reason":"rate")") !=
        std::string::npos);
  static_cast<void>(device.agent.Stop());
}

TEST_CASE("an agent that was killed, or reads its configuration again, goes on listening") {
  RunningCollector collector("rules: []");
  Device device(collector);
  REQUIRE(DatagramSender(device.socket).Send("app.level:1|g\napp.hits:5|c"));
  device.AwaitReading("app_level", 1);

  device.agent.program().Signal(SIGHUP);
  REQUIRE(device.agent.program().WaitForLine("configuration reloaded", kPatience));
  REQUIRE(DatagramSender(device.socket).Send("app.hits:1|c"));
  device.AwaitReading("app_hits_total", 6);
  device.AwaitReading("app_level", 1);

  device.agent.program().Kill();
  REQUIRE(device.agent.program().Wait(kPatience));
  device.agent.Start();
  device.AwaitPort();
  REQUIRE(DatagramSender(device.port).Send("app.level:2|g\napp.hits:1|c"));
  device.AwaitReading("app_level", 2);
  device.AwaitReading("app_hits_total", 1);  // As after any restart of a counter.
  static_cast<void>(device.agent.Stop());
}

TEST_CASE("a series that no application speaks of any more is gone") {
  RunningCollector collector("rules: []");
  Device device(collector, ", forget_after: 2s");
  REQUIRE(DatagramSender(device.socket).Send("app.level:1|g"));
  device.AwaitReading("app_level", 1);
  CHECK(Await([&] {
    const auto readings = device.Readings();
    return readings.contains("agent_statsd_series") && readings.at("agent_statsd_series") == 0 &&
           !readings.contains("app_level");
  }));
  static_cast<void>(device.agent.Stop());
}

}  // namespace
}  // namespace edgefeed::e2e
