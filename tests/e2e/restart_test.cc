// Either side dies and comes back.

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "common/model/features.h"
#include "common/wire/payload_decoder.h"
#include "common/wire/response.h"
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
  // Start, why the machine booted, connected, lost, connected again, stopped: the tries between are
  // not worth a line each.
  CHECK(agent.program().CountLines("") == 6);
}

// A collector that remembers what came, in order, and calls it stored.
class Recorder final : public telemetry::TelemetryService::Service {
 public:
  grpc::Status LiveFeed(grpc::ServerContext* context,
                        grpc::ServerReaderWriter<telemetry::AlertResponse,
                                                 telemetry::MetricsPayload>* stream) override {
    context->AddInitialMetadata(std::string(kFeaturesKey), ToString(kAllFeatures));
    stream->SendInitialMetadata();
    PayloadDecoder decoder({}, [](const Series&) { return std::nullopt; });
    telemetry::MetricsPayload payload;
    while (stream->Read(&payload)) {
      const auto message = decoder.Decode(payload, FromUnixMillis(NowMillis()));
      REQUIRE(message);
      FeedReply reply;
      if (message->hello) reply.welcome.emplace();
      if (!message->samples.empty()) reply.stored.push_back(message->samples.back().position);
      Record(message->samples);
      telemetry::AlertResponse response;
      ToWire(reply, response);
      if (!stream->Write(response)) break;
    }
    return grpc::Status::OK;
  }

  std::vector<Sample> samples() const {
    const std::lock_guard lock(mutex_);
    return samples_;
  }

 private:
  void Record(const std::vector<Sample>& samples) {
    const std::lock_guard lock(mutex_);
    samples_.insert(samples_.end(), samples.begin(), samples.end());
  }
  mutable std::mutex mutex_;
  std::vector<Sample> samples_;
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

  std::vector<Sample> AwaitSamples(std::size_t count) {
    REQUIRE(Await([&] { return recorder_.samples().size() >= count; }));
    return recorder_.samples();
  }
  std::vector<Sample> samples() const { return recorder_.samples(); }

 private:
  Recorder recorder_;
  std::unique_ptr<grpc::Server> server_;
};

// In each stream the numbers only go up, and none comes twice.
void CheckOrderOfStreams(const std::vector<Sample>& samples) {
  std::map<StreamId, std::uint64_t> last;
  for (const Sample& sample : samples) {
    CHECK(sample.position.sequence > last[sample.position.stream]);
    last[sample.position.stream] = sample.position.sequence;
  }
}

std::set<WallTime> Times(const std::vector<Sample>& samples) {
  std::set<WallTime> times;
  for (const Sample& sample : samples) times.insert(sample.time);
  return times;
}

// More than the outage, one each 100 ms.
bool IsWithoutGaps(const std::set<WallTime>& times) {
  if (times.size() < 40) return false;
  const auto span = *times.rbegin() - *times.begin();
  return times.size() + 3 >= static_cast<std::size_t>(span / 100ms);
}

TEST_CASE("after an outage the newest sample comes first, and then all that waited, each once") {
  const std::uint16_t port = FreePort();
  auto server = std::make_unique<RecordingServer>(port);
  RunningAgent agent({.name = "orderly", .collector = "127.0.0.1:" + std::to_string(port)});
  const auto before = server->AwaitSamples(5);
  server.reset();
  REQUIRE(agent.program().WaitForLine("lost collector", kPatience));
  LetPass(3s);  // The outage: 30 samples.
  RecordingServer next(port);
  const auto first = next.AwaitSamples(1);
  CHECK(FromUnixMillis(NowMillis()) - first.front().time < 1s);
  REQUIRE(Await([&] { return IsWithoutGaps(Times(next.samples())); }));
  agent.AwaitDelivered();

  const AgentTotals totals = agent.Stop();

  const auto after = next.samples();
  CheckOrderOfStreams(before);
  CheckOrderOfStreams(after);
  CHECK(totals.dropped == 0);
  // What the first server took while we looked is in neither list.
  std::set<WallTime> all = Times(before);
  all.merge(Times(after));
  CHECK(all.size() + 5 >= totals.delivered);
  CHECK(Times(after).size() == after.size());
}

bool TellsOfDrops(const telemetry::NamedReading& reading) {
  return reading.series().metric() == "agent_samples_dropped_total" && reading.value() > 0 &&
         reading.series().labels(0).value() == "memory_full";
}

TEST_CASE(
    "what does not fit in memory waits on disk; without one the oldest go, counted and told") {
  RunningCollector collector;
  RunningAgent thrifty({.name = "thrifty",
                        .collector = collector.address(),
                        .more = "outbox: {memory_limit: 512KiB}"});
  RunningAgent forgetful({.name = "forgetful",
                          .collector = collector.address(),
                          .state_dir = "/proc/none",
                          .more = "outbox: {memory_limit: 64KiB}"});
  for (RunningAgent* agent : {&thrifty, &forgetful}) {
    REQUIRE(agent->program().WaitForLine("connected to", kPatience));
  }
  collector.program().Kill();
  for (RunningAgent* agent : {&thrifty, &forgetful}) {
    REQUIRE(agent->program().WaitForLine("lost collector", kPatience));
  }
  LetPass(15s);  // The outage: 150 samples of more than 4 KiB each.
  collector.Start();

  const auto channel = Connect(collector.address());
  CHECK(Await([&] {
    telemetry::MetricsResponse response;
    if (!Snapshot(channel, "forgetful", response).ok()) return false;
    return std::ranges::any_of(response.readings(), TellsOfDrops);
  }));
  for (const auto* name : {"thrifty", "forgetful"}) REQUIRE(collector.AwaitCaughtUp(name));

  const AgentTotals kept = thrifty.Stop();
  CHECK(kept.dropped == 0);
  CHECK(collector.DeviceMetric("edgefeed_device_payloads_total", "thrifty") ==
        static_cast<double>(kept.taken));
  CHECK(forgetful.Stop().dropped > 0);
  CHECK(forgetful.program().CountLines("lost from now on (memory_full)") == 1);
}

}  // namespace
}  // namespace edgefeed::e2e
