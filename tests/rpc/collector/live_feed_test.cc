#include "collector/rpc/live_feed.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "common/runtime/strand.h"
#include "telemetry.grpc.pb.h"
#include "tests/rpc/support/loopback_server.h"
#include "tests/rpc/support/open_gate.h"
#include "tests/support/fake_rule_evaluator.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// A disk that takes nothing until it is told to, and says so when half of what it may hold waits.
class SlowStore final : public SampleStore {
 public:
  static constexpr int kMostWaiting = 400;

  Status Append(const std::string& /*device*/, const Sample& /*sample*/,
                WallTime /*received*/) override {
    if (waiting_ >= kMostWaiting) return Error{Code::kUnavailable, "the disk does not keep up"};
    ++waiting_;
    ++taken_;
    taken_.notify_one();
    return {};
  }
  [[nodiscard]] bool HasRoom() const override { return waiting_ < kMostWaiting / 2; }
  void Describe(const std::string& /*device*/, const DeviceInfo& /*info*/) override {}

  // Until it has no room, or has taken so many.
  void AwaitFull(int enough) const {
    for (int seen = taken_; HasRoom() && seen < enough; seen = taken_) taken_.wait(seen);
  }
  void WriteAll() { waiting_ = 0; }
  [[nodiscard]] int taken() const { return taken_; }

 private:
  std::atomic<int> waiting_{0};
  std::atomic<int> taken_{0};
};

class FeedService final : public telemetry::TelemetryService::CallbackService {
 public:
  grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>* LiveFeed(
      grpc::CallbackServerContext* context) override {
    return NewLiveFeed(*context, shards_, limits_, stats_,
                       *gate_.gate().Admit(*context, Method::kLiveFeed));
  }
  SlowStore& store() { return store_; }
  CollectorStats& stats() { return stats_; }
  Strand& strand() { return strand_; }

 private:
  OpenGate gate_;
  SystemClock clock_;
  CollectorStats stats_;
  Strand strand_{"engine", clock_};
  Fleet fleet_{strand_, {}, stats_};
  FakeRuleEvaluator rules_;
  SlowStore store_;
  Ingest ingest_{strand_, store_, fleet_, rules_, stats_};
  ReadGate gate_{strand_, store_, stats_};
  FeedLimits limits_;
  Shards shards_{{Shard{.strand = strand_,
                        .ingest = ingest_,
                        .gate = gate_,
                        .alerts = rules_,
                        .fleet = fleet_,
                        .streams = {}}}};
};

// A feed of so many payloads, as fast as they go. Its end.
grpc::Status Feed(telemetry::TelemetryService::Stub& stub, const std::string& device,
                  int payloads) {
  grpc::ClientContext context;
  const auto stream = stub.LiveFeed(&context);
  telemetry::MetricsPayload payload;
  payload.set_service_name(device);
  for (int i = 1; i <= payloads; ++i) {
    payload.set_timestamp_ms(static_cast<std::uint64_t>(i));
    if (!stream->Write(payload)) break;
  }
  stream->WritesDone();
  telemetry::AlertResponse response;
  while (stream->Read(&response)) {
  }
  return stream->Finish();
}

TEST_CASE("feeds that send more than the disk takes are slowed down, not ended") {
  constexpr int kFeeds = 4;
  constexpr int kPayloads = 500;
  FeedService service;
  const LoopbackServer server(service);
  const auto stub = telemetry::TelemetryService::NewStub(
      grpc::CreateChannel(ToString(server.endpoint()), grpc::InsecureChannelCredentials()));

  std::atomic<int> ended_well{0};
  std::vector<std::thread> devices;
  devices.reserve(kFeeds);
  for (int feed = 0; feed < kFeeds; ++feed) {
    devices.emplace_back([&, feed] {
      const grpc::Status end = Feed(*stub, "device-" + std::to_string(feed), kPayloads);
      ended_well += end.ok() ? 1 : 0;
    });
  }
  // The disk catches up whenever all wait for it.
  std::uint64_t slowed = 0;
  while (service.store().taken() < kFeeds * kPayloads) {
    service.store().AwaitFull(kFeeds * kPayloads);
    slowed = service.stats().feeds_slowed;
    service.store().WriteAll();
  }
  for (std::thread& device : devices) device.join();
  service.strand().Drain();
  CHECK(ended_well == kFeeds);
  CHECK(slowed > 0);
  CHECK(service.stats().payloads_refused == 0);
}

}  // namespace
}  // namespace edgefeed
