// Either side dies and comes back.

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "tests/e2e/client.h"
#include "tests/e2e/rig.h"
#include "tests/support/free_port.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

TEST_CASE("an agent that was killed is back with its next run") {
  RunningCollector collector;
  const AgentSpec spec{.name = "phoenix", .collector = collector.address()};
  const auto payloads = [&] {
    return collector.DeviceMetric("edgefeed_device_payloads_total", "phoenix");
  };
  const auto connected = [&] {
    return collector.DeviceMetric("edgefeed_device_connected", "phoenix");
  };
  RunningAgent first(spec);
  REQUIRE(Await([&] { return payloads() >= 5; }));
  first.program().Kill();
  REQUIRE(Await([&] { return connected() == 0; }));
  const double before = payloads();

  RunningAgent second(spec);

  CHECK(Await([&] { return payloads() >= before + 5; }));
  CHECK(connected() == 1);
  CHECK(collector.Metric("edgefeed_collector_payloads_duplicate_total") == 0);
  const AgentTotals totals = second.Stop();
  CHECK(payloads() == before + static_cast<double>(totals.delivered));
}

TEST_CASE("a collector that was killed and is away for 20 s misses nothing") {
  RunningCollector collector("rules: []");  // An alert would be a line more.
  RunningAgent agent({.name = "patient", .collector = collector.address()});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  const auto payloads = [&] {
    return collector.DeviceMetric("edgefeed_device_payloads_total", "patient");
  };
  REQUIRE(Await([&] { return payloads() >= 5; }));

  collector.program().Kill();
  REQUIRE(agent.program().WaitForLine("lost collector", kPatience));
  LetPass(20s);  // The outage.
  collector.Start();
  const auto back = agent.program().WaitForLine("connected to", kPatience);

  REQUIRE(back);
  CHECK(back->find(" after ") != std::string::npos);
  REQUIRE(Await([&] { return payloads() >= 150; }));  // Most of 20 s at 10 a second.
  REQUIRE(collector.AwaitCaughtUp("patient"));
  const AgentTotals totals = agent.Stop();
  CHECK(totals.dropped == 0);
  // Start, connected, lost, connected again, stopped: the tries between are not worth a line each.
  CHECK(agent.program().CountLines("") == 5);
}

// A collector that remembers what came, in order.
class Recorder final : public telemetry::TelemetryService::Service {
 public:
  grpc::Status LiveFeed(grpc::ServerContext* context,
                        grpc::ServerReaderWriter<telemetry::AlertResponse,
                                                 telemetry::MetricsPayload>* stream) override {
    context->AddInitialMetadata("edgefeed-features", "readings,acks");
    stream->SendInitialMetadata();
    telemetry::MetricsPayload payload;
    while (stream->Read(&payload)) {
      if (payload.ping()) continue;
      Record(payload);
      telemetry::AlertResponse ack;
      ack.set_acked_sequence(payload.sequence());
      if (!stream->Write(ack)) break;
    }
    return grpc::Status::OK;
  }

  std::vector<std::uint64_t> sequences() const {
    const std::lock_guard lock(mutex_);
    return sequences_;
  }
  std::chrono::milliseconds age_of_newest() const {
    const std::lock_guard lock(mutex_);
    return std::chrono::milliseconds(NowMillis() - newest_ms_);
  }

 private:
  void Record(const telemetry::MetricsPayload& payload) {
    const std::lock_guard lock(mutex_);
    sequences_.push_back(payload.sequence());
    newest_ms_ = payload.timestamp_ms();
  }
  mutable std::mutex mutex_;
  std::uint64_t newest_ms_ = 0;
  std::vector<std::uint64_t> sequences_;
};

class RecordingServer {
 public:
  explicit RecordingServer(std::uint16_t port) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port),
                             grpc::InsecureServerCredentials());
    builder.RegisterService(&recorder_);
    server_ = builder.BuildAndStart();
    REQUIRE(server_ != nullptr);
  }
  ~RecordingServer() { server_->Shutdown(std::chrono::system_clock::now()); }
  RecordingServer(const RecordingServer&) = delete;
  RecordingServer& operator=(const RecordingServer&) = delete;

  std::vector<std::uint64_t> AwaitSamples(std::size_t count) {
    REQUIRE(Await([&] { return recorder_.sequences().size() >= count; }));
    return recorder_.sequences();
  }
  std::vector<std::uint64_t> sequences() const { return recorder_.sequences(); }
  std::chrono::milliseconds age_of_newest() const { return recorder_.age_of_newest(); }

 private:
  Recorder recorder_;
  std::unique_ptr<grpc::Server> server_;
};

bool IsConsecutive(const std::vector<std::uint64_t>& sequences) {
  return std::ranges::adjacent_find(sequences, [](std::uint64_t a, std::uint64_t b) {
           return b != a + 1;
         }) == sequences.end();
}

TEST_CASE("what waited arrives complete, in order and oldest first") {
  const std::uint16_t port = FreePort();
  auto server = std::make_unique<RecordingServer>(port);
  RunningAgent agent({.name = "orderly", .collector = "127.0.0.1:" + std::to_string(port)});
  const auto before = server->AwaitSamples(5);
  server.reset();
  REQUIRE(agent.program().WaitForLine("lost collector", kPatience));
  LetPass(3s);  // The outage.
  RecordingServer next(port);
  static_cast<void>(next.AwaitSamples(30));
  REQUIRE(Await([&] { return next.age_of_newest() < 1s; }));

  const AgentTotals totals = agent.Stop();

  const auto after = next.sequences();
  CHECK(before.front() == 1);
  CHECK(IsConsecutive(before));
  CHECK(IsConsecutive(after));
  CHECK(after.back() == totals.delivered);
  CHECK(totals.dropped == 0);
  // What was on its way, or came while we looked, when the first one ended.
  CHECK(after.front() <= before.back() + 5);
}

bool TellsOfDrops(const telemetry::NamedReading& reading) {
  return reading.series().metric() == "agent_samples_dropped_total" && reading.value() > 0 &&
         reading.series().labels(0).value() == "outbox_full";
}

TEST_CASE("the memory for waiting samples is bounded: the oldest are dropped and counted") {
  RunningCollector collector;
  RunningAgent agent({.name = "forgetful",
                      .collector = collector.address(),
                      .more = "outbox: {memory_limit: 64KiB}"});
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  collector.program().Kill();
  REQUIRE(agent.program().WaitForLine("lost collector", kPatience));
  LetPass(5s);  // The outage: 50 samples of more than 4 KiB each.
  collector.Start();
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));

  const auto channel = Connect(collector.address());
  CHECK(Await([&] {
    telemetry::MetricsResponse response;
    if (!Snapshot(channel, "forgetful", response).ok()) return false;
    return std::ranges::any_of(response.readings(), TellsOfDrops);
  }));

  REQUIRE(collector.AwaitCaughtUp("forgetful"));
  CHECK(agent.Stop().dropped > 0);
}

}  // namespace
}  // namespace edgefeed::e2e
