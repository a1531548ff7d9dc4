// Alerts, silences and acknowledgements in the real programs.

#include <doctest/doctest.h>
#include <google/protobuf/util/json_util.h>

#include <csignal>
#include <string>
#include <vector>

#include "alerts.grpc.pb.h"
#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"

namespace edgefeed::e2e {
namespace {

constexpr const char* kRules =
    "rules:\n"
    "  - {name: ANY_CPU, metric: cpu_usage, above: 50, repeat_interval: 1h}\n"
    "  - {name: ANY_MEMORY, metric: memory_mb, above: 1000, severity: critical}\n";

// A device whose CPU is at what the test says.
class Feed {
 public:
  Feed(const std::shared_ptr<grpc::Channel>& channel, std::string device)
      : device_(std::move(device)), stub_(telemetry::TelemetryService::NewStub(channel)) {
    stream_ = stub_->LiveFeed(&context_);
  }
  ~Feed() {
    stream_->WritesDone();
    context_.TryCancel();
    static_cast<void>(stream_->Finish());
  }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  void Send(double cpu_usage, double memory_mb = 0) {
    auto payload = Payload(device_);
    payload.set_cpu_usage(cpu_usage);
    payload.set_memory_mb(memory_mb);
    payload.set_timestamp_ms(NowMillis());
    CHECK(stream_->Write(payload));
  }

 private:
  std::string device_;
  std::unique_ptr<telemetry::TelemetryService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<telemetry::MetricsPayload, telemetry::AlertResponse>>
      stream_;
};

// What edgefeedctl prints for these arguments.
std::string Ctl(const RunningCollector& collector, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"--collector", collector.address()});
  const auto program = Run("edgefeedctl", std::move(arguments));
  CHECK(program->Wait(kPatience) == 0);
  return program->Output(Stream::kStdout);
}

std::vector<ActiveAlert> Alerts(const RunningCollector& collector) {
  std::vector<ActiveAlert> alerts;
  std::string text = Ctl(collector, {"--json", "alerts"});
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    ActiveAlert alert;
    CHECK(
        google::protobuf::util::JsonStringToMessage(text.substr(begin, end - begin), &alert).ok());
    alerts.push_back(alert);
    begin = end + 1;
  }
  return alerts;
}

// The alert of a rule; one without an id when there is none.
ActiveAlert Find(const std::vector<ActiveAlert>& alerts, const std::string& rule) {
  for (const ActiveAlert& alert : alerts) {
    if (alert.rule() == rule) return alert;
  }
  return {};
}

TEST_CASE("firing, silenced and acknowledged alerts are all there after kill -9") {
  RunningCollector collector(kRules);
  const auto silence = Ctl(collector, {"silence", "add", "device=quiet", "--for", "1h", "--comment",
                                       "works", "--author", "ann"});
  CHECK(silence.starts_with("silence 1 until "));
  {
    const auto channel = Connect(collector.address());
    Feed loud(channel, "loud");
    Feed quiet(channel, "quiet");
    loud.Send(90, 2000);
    quiet.Send(90);
    REQUIRE(Await([&] { return Alerts(collector).size() == 3; }));
  }
  CHECK(Ctl(collector, {"ack", "loud/ANY_CPU", "--comment", "on it", "--author", "bob"}) ==
        "loud: ANY_CPU acknowledged\n");
  const auto before = Alerts(collector);

  collector.program().Kill();
  collector.Start();
  const auto after = Alerts(collector);
  REQUIRE(after.size() == 3);
  for (std::size_t i = 0; i < after.size(); ++i) {
    CAPTURE(before[i].ShortDebugString());
    CHECK(after[i].ShortDebugString() == before[i].ShortDebugString());
  }
  int silenced = 0;
  for (const ActiveAlert& alert : after) {
    const bool is_quiet = alert.service_name() == "quiet";
    CHECK(alert.told() != is_quiet);
    if (!is_quiet) continue;
    ++silenced;
    CHECK(alert.suppressed() == ALERT_SUPPRESSION_SILENCED);
  }
  CHECK(silenced == 1);
  const ActiveAlert memory = Find(after, "ANY_MEMORY");
  CHECK(memory.severity() == "critical");
  CHECK(memory.value() == 2000);
  CHECK(collector.Metric(R"(edgefeed_collector_alerts_firing{severity="critical"})") == 1);
  CHECK(collector.Metric(R"(edgefeed_alerts{alertname="ANY_MEMORY",alertstate="firing",)"
                         R"(device="loud",severity="critical"})") == 1);

  const std::string table = Ctl(collector, {"alerts"});
  CHECK(table.find("acknowledged by bob: on it") != std::string::npos);
  CHECK(table.find("silenced") != std::string::npos);
  CHECK(table.find('\x1b') == std::string::npos);
  CHECK(Ctl(collector, {"silence", "ls"}).find("device=quiet") != std::string::npos);
  CHECK(Ctl(collector, {"silence", "rm", "1"}) == "silence 1 ended\n");
  CHECK(Ctl(collector, {"alerts"}).find("silenced") == std::string::npos);
  CHECK(Ctl(collector, {"unack", memory.id().substr(0, 6)}) ==
        "loud: ANY_MEMORY not acknowledged any more\n");

  Feed loud(Connect(collector.address()), "loud");
  loud.Send(90, 2000);
  loud.Send(10, 10);
  REQUIRE(Await([&] { return Alerts(collector).size() == 1; }));
  const std::string history = Ctl(collector, {"alerts", "--history", "loud", "--rule", "ANY_CPU"});
  CHECK(history.find("fired") != std::string::npos);
  CHECK(history.find("resolved") != std::string::npos);
}

TEST_CASE("a watch shows what fires, and what changes, until the collector stops") {
  RunningCollector collector(kRules);
  const auto channel = Connect(collector.address());
  Feed device(channel, "cam-1");
  device.Send(90);
  REQUIRE(Await([&] { return Alerts(collector).size() == 1; }));
  const auto watch = Run("edgefeedctl", {"--collector", collector.address(), "alerts", "--watch"});
  CHECK(watch->WaitForLine("ANY_CPU", kPatience));
  device.Send(10);
  CHECK(watch->WaitForLine("resolved", kPatience));
  device.Send(10, 2000);
  CHECK(watch->WaitForLine("ANY_MEMORY", kPatience));
  collector.program().Signal(SIGTERM);
  CHECK(watch->Wait(kPatience) == 1);
  CHECK(collector.program().Wait(kPatience) == 0);
}

TEST_CASE("what cannot be done is refused with what to do instead") {
  RunningCollector collector(kRules);
  const auto fails = [&](std::vector<std::string> arguments, int code, const char* text) {
    arguments.insert(arguments.begin(), {"--collector", collector.address()});
    const auto program = Run("edgefeedctl", std::move(arguments));
    CHECK(program->Wait(kPatience) == code);
    CHECK(program->Output(Stream::kStderr).find(text) != std::string::npos);
  };
  fails({"ack", "zz"}, 1, "edgefeedctl alerts lists what fires");
  fails({"silence", "rm", "9"}, 1, "edgefeedctl silence ls lists them");
  fails({"silence", "add", "host=x", "--for", "1h", "--comment", "x"}, 1, "labels.NAME");
  fails({"silence", "add", "device=x", "--for", "400d", "--comment", "x"}, 1, "a year");
  fails({"silence", "add", "device=x*", "--for", "1h", "--comment", "x"}, 1, "device=~x*");
  fails({"silence", "add", "device=x", "--comment", "x"}, 2, "--for");
  fails({"alerts", "--severity", "bad"}, 1, "info, warning or critical");
}

}  // namespace
}  // namespace edgefeed::e2e
