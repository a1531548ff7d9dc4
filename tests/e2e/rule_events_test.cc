// What rules make of devices that go, collectors that are killed, and alerts that do not arrive,
// with the real programs.

#include <doctest/doctest.h>
#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "alerts.pb.h"
#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

// What `edgefeedctl --json alerts` prints.
std::vector<ActiveAlert> Alerts(const RunningCollector& collector) {
  const auto program = Run("edgefeedctl", {"--collector", collector.address(), "--json", "alerts"});
  CHECK(program->Wait(kPatience) == 0);
  const std::string text = program->Output(Stream::kStdout);
  std::vector<ActiveAlert> alerts;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    ActiveAlert& alert = alerts.emplace_back();
    const std::string line = text.substr(begin, end - begin);
    CHECK(google::protobuf::util::JsonStringToMessage(line, &alert).ok());
    begin = end + 1;
  }
  return alerts;
}

std::string Content(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Waits for the alert of the rule on the device; one without an id when it does not come.
ActiveAlert AwaitAlert(const RunningCollector& collector, const std::string& device) {
  ActiveAlert found;
  CHECK(Await([&] {
    for (const ActiveAlert& alert : Alerts(collector)) {
      if (alert.service_name() == device) found = alert;
    }
    return !found.id().empty();
  }));
  return found;
}

// A device of this test, which knows numbered alerts and says what it has.
class Device {
 public:
  explicit Device(const RunningCollector& collector)
      : stub_(telemetry::TelemetryService::NewStub(Connect(collector.address()))) {
    context_.AddMetadata("edgefeed-features", "batches,alerts");
    context_.set_wait_for_ready(true);
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    stream_ = stub_->LiveFeed(&context_);
  }
  ~Device() {
    context_.TryCancel();
    static_cast<void>(stream_->Finish());
  }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  void Send(double cpu_usage) {
    auto payload = Payload("cam-1");
    payload.set_cpu_usage(cpu_usage);
    payload.set_timestamp_ms(NowMillis());
    CHECK(stream_->Write(payload));
  }
  void Ping(std::uint64_t alerts_taken = 0) {
    telemetry::MetricsPayload payload;
    payload.set_service_name("cam-1");
    payload.set_ping(true);
    payload.set_alerts_taken(alerts_taken);
    CHECK(stream_->Write(payload));
  }
  // The next message with an alert; or, with the answer to a ping, that there is none.
  telemetry::AlertResponse Read() {
    telemetry::AlertResponse response;
    CHECK(stream_->Read(&response));
    return response;
  }

 private:
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<telemetry::MetricsPayload, telemetry::AlertResponse>>
      stream_;
};

TEST_CASE("a device that is gone is named in time, one behind its gateway is not told of") {
  RunningCollector collector(
      "rules: [{name: OFFLINE, offline: {after: 3s, parent_label: gateway}, severity: critical}]");
  RunningAgent gateway({.name = "gw-1", .collector = collector.address()});
  RunningAgent camera(
      {.name = "cam-1", .collector = collector.address(), .more = "labels: {gateway: gw-1}"});
  REQUIRE(gateway.program().WaitForLine("connected to", kPatience));
  REQUIRE(camera.program().WaitForLine("connected to", kPatience));
  REQUIRE(Await([&] {
    return collector.DeviceMetric("edgefeed_device_payloads_total", "gw-1") > 0 &&
           collector.DeviceMetric("edgefeed_device_payloads_total", "cam-1") > 0;
  }));
  camera.program().Kill();
  gateway.program().Kill();
  const std::uint64_t killed = NowMillis();

  const ActiveAlert alert = AwaitAlert(collector, "gw-1");
  CHECK(alert.rule() == "OFFLINE");
  CHECK(alert.message().starts_with("gw-1: nothing heard for 3s"));
  // It was last heard of when it was killed, and `after` and two seconds later it is known.
  CHECK(alert.updated_ms() < killed + 5000);
  CHECK(alert.updated_ms() > killed + 2500);
  CHECK(Await(
      [&] { return AwaitAlert(collector, "cam-1").suppressed() == ALERT_SUPPRESSION_INHIBITED; }));
  CHECK_FALSE(AwaitAlert(collector, "cam-1").told());

  // A new collector knows them, though they have said nothing to it.
  collector.program().Kill();
  collector.Start();
  CHECK(Alerts(collector).size() == 2);
  CHECK(AwaitAlert(collector, "cam-1").inhibited_by() == "gw-1");

  gateway.Start();
  camera.Start();
  CHECK(Await([&] { return Alerts(collector).empty(); }));
}

TEST_CASE("a device that went silent before the collector was killed fires in time afterwards") {
  RunningCollector collector("rules: [{name: OFFLINE, offline: {after: 6s}}]");
  RunningAgent agent({.name = "cam-1", .collector = collector.address()});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  REQUIRE(Await([&] { return collector.Metric("edgefeed_collector_history_samples_total") > 20; }));
  agent.program().Kill();
  LetPass(std::chrono::seconds(3));
  collector.program().Kill();
  const std::uint64_t stopped = NowMillis();
  collector.Start();
  const std::uint64_t down = NowMillis() - stopped;
  const ActiveAlert alert = AwaitAlert(collector, "cam-1");
  // Three of the six seconds had passed; what was stored may be a second old, and so may the time
  // at which the collector was last seen.
  const auto late =
      static_cast<double>(alert.updated_ms()) - static_cast<double>(stopped + down + 3000);
  CHECK(std::abs(late) < 2500);
}

TEST_CASE("a rule that has to hold goes on counting when the collector is killed") {
  RunningCollector collector(
      "rules: [{name: BUSY, metric: cpu_usage, above: 50, for: 8s, repeat_interval: 1h}]");
  const std::uint64_t began = NowMillis();
  std::uint64_t fired = 0;
  for (int life = 0; life < 4 && fired == 0; ++life) {
    Device device(collector);
    for (int i = 0; i < 12 && fired == 0; ++i) {
      device.Send(90);
      device.Ping();
      if (const auto reply = device.Read(); reply.alert_type() == "BUSY") {
        fired = reply.timestamp_ms();
      }
      LetPass(std::chrono::milliseconds(250));
    }
    if (fired != 0) break;
    collector.program().Kill();
    collector.Start();
  }
  REQUIRE(fired != 0);
  const auto held = static_cast<double>(fired) - static_cast<double>(began);
  CHECK(held >= 8000);
  CHECK(held < 10000);
  CHECK(Alerts(collector).size() == 1);
}

TEST_CASE("an alert comes again until the device has it, over kill -9, and then its end") {
  RunningCollector collector(
      "rules: [{name: BUSY, metric: cpu_usage, above: 50, repeat_interval: 1h}]");
  std::uint64_t number = 0;
  {
    Device device(collector);
    device.Send(90);
    const auto alert = device.Read();
    CHECK(alert.alert_type() == "BUSY");
    CHECK(alert.alert_state() == telemetry::ALERT_STATE_FIRING);
    number = alert.alert_number();
    CHECK(number > 0);
  }
  {
    Device again(collector);
    again.Send(90);
    CHECK(again.Read().alert_number() == number);
  }
  REQUIRE(Await([&] { return Alerts(collector).size() == 1; }));
  collector.program().Kill();
  collector.Start();
  {
    Device device(collector);
    device.Send(90);
    CHECK(device.Read().alert_number() == number);
    device.Ping(number);
    CHECK(device.Read().alert_type().empty());
  }
  {
    Device device(collector);
    device.Ping();
    CHECK(device.Read().alert_type().empty());  // It has it.
    device.Send(5);
    const auto end = device.Read();
    CHECK(end.alert_type() == "BUSY");
    CHECK(end.alert_state() == telemetry::ALERT_STATE_RESOLVED);
    CHECK(end.alert_number() > number);
  }
}

TEST_CASE("an agent's command hears once that an alert fires, and once that it does not") {
  const TempDir directory;
  const auto log = (directory.path() / "log").string();
  const auto script =
      directory.Write("script", "echo $EDGEFEED_ALERT $EDGEFEED_STATE >> '" + log + "'\n");
  RunningCollector collector(
      "rules: [{name: HERE, metric: memory_mb, above: 0, repeat_interval: 1h}]");
  RunningAgent agent(
      {.name = "cam-1",
       .collector = collector.address(),
       .more = "on_alert: {resolved: true, command: [/bin/sh, " + script.string() + "]}"});
  const auto lines = [&] { return Content(log); };
  CHECK(Await([&] { return lines() == "HERE firing\n"; }));
  collector.program().Kill();
  collector.WriteConfig("rules: []");  // The rule is gone when it is back.
  collector.Start();
  CHECK(Await([&] { return lines() == "HERE firing\nHERE resolved\n"; }));
  agent.AwaitDelivered();
  static_cast<void>(agent.Stop());
  CHECK(lines() == "HERE firing\nHERE resolved\n");
}

}  // namespace
}  // namespace edgefeed::e2e
