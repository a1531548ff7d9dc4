#include "collector/rpc/live_feed.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <utility>

#include "common/columns/column.h"
#include "common/columns/sample_columns.h"
#include "common/model/features.h"
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
                       *open_gate_.gate().Admit(*context, Method::kLiveFeed));
  }
  // As when the collector stops.
  void EndAll() {
    RunOn(strand_, [this] {
      const auto streams = shards_[0].streams;
      for (Drainable* const stream : streams) {
        stream->Drain({}, {Code::kUnavailable, "the collector is shutting down"});
      }
    });
  }
  // Until nothing has been rejected for a while.
  void AwaitRest() {
    std::uint64_t last = 0;
    SteadyTime since = strand_.Now();
    while (last == 0 || strand_.Now() < since + 500ms) {
      const std::uint64_t now = stats_.payloads_invalid;
      if (now != std::exchange(last, now)) since = strand_.Now();
      std::this_thread::yield();
    }
  }
  FeedLimits& limits() { return limits_; }
  SlowStore& store() { return store_; }
  CollectorStats& stats() { return stats_; }
  Strand& strand() { return strand_; }
  // Of how many devices it is remembered what they sent.
  std::size_t rated() {
    std::size_t devices = 0;
    RunOn(strand_, [&] { devices = rates_.size(); });
    return devices;
  }

 private:
  OpenGate open_gate_;
  SystemClock clock_;
  CollectorStats stats_;
  Strand strand_{"engine", clock_};
  Fleet fleet_{strand_, {}, stats_};
  FakeRuleEvaluator rules_;
  SlowStore store_;
  Ingest ingest_{strand_, store_, fleet_, rules_, stats_};
  ReadGate gate_{strand_, store_, stats_};
  Turns turns_{strand_};
  Allowances rates_;
  FeedLimits limits_;
  Shards shards_{{Shard{.strand = strand_,
                        .ingest = ingest_,
                        .gate = gate_,
                        .turns = turns_,
                        .rates = rates_,
                        .alerts = rules_,
                        .fleet = fleet_,
                        .streams = {}}}};
};

auto StubOf(const LoopbackServer& server) {
  return telemetry::TelemetryService::NewStub(
      grpc::CreateChannel(ToString(server.endpoint()), grpc::InsecureChannelCredentials()));
}

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
  const auto stub = StubOf(server);

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

TEST_CASE("a feed over its rate is read no faster, and nothing of it is refused") {
  FeedService service;
  service.limits().rate = KiB(1);  // Four small payloads a second, after 32 at once.
  const LoopbackServer server(service);
  const auto stub = StubOf(server);
  const SteadyTime before = service.strand().Now();
  CHECK(Feed(*stub, "hasty", 38).ok());
  CHECK(service.strand().Now() - before >= 1s);
  service.strand().Drain();
  CHECK(service.store().taken() == 38);
  CHECK(service.stats().feeds_held_back >= 4);
  CHECK(service.stats().payloads_refused == 0);
}

// A feed that speaks in batches.
struct BatchFeed {
  explicit BatchFeed(telemetry::TelemetryService::Stub& stub) {
    context.AddMetadata(std::string(kFeaturesKey), ToString(Features{.batches = true}));
    stream = stub.LiveFeed(&context);
    telemetry::MetricsPayload payload;
    payload.set_service_name("hostile");
    payload.mutable_hello()->mutable_device()->set_run_id("run");
    REQUIRE(stream->Write(payload));
  }
  // `count` samples in these columns.
  bool Write(std::int64_t count, const std::string& columns) {
    std::vector<std::int64_t> numbers;
    numbers.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) numbers.push_back(++sequence);
    telemetry::MetricsPayload payload;
    payload.mutable_batch()->set_stream(1);
    payload.mutable_batch()->set_count(static_cast<std::uint32_t>(count));
    payload.mutable_batch()->set_columns(columns);
    EncodeIntegers(numbers, *payload.mutable_batch()->mutable_sequences());
    if (!std::exchange(introduced, true)) {
      for (int i = 0; i < 100; ++i) payload.add_new_series()->set_metric("m" + std::to_string(i));
    }
    return stream->Write(payload);
  }

  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<telemetry::MetricsPayload, telemetry::AlertResponse>>
      stream;
  std::int64_t sequence = 0;
  bool introduced = false;  // The series.
};

// So many samples, each of a hundred values.
std::string ManyValues(std::size_t samples) {
  Sample sample{.time = FromUnixMillis(1)};
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < 100; ++i) {
    sample.readings.push_back({i, 1});
    numbers.push_back(i);
  }
  std::string columns;
  EncodeSamples(std::vector<const Sample*>(samples, &sample), numbers, columns);
  return columns;
}

TEST_CASE("values count for a feed's rate, however few bytes say them") {
  FeedService service;
  service.limits().rate = KiB(1);  // 128 values a second, after 1024 at once.
  const LoopbackServer server(service);
  const auto stub = StubOf(server);
  const std::string columns = ManyValues(4);
  const SteadyTime before = service.strand().Now();
  BatchFeed feed(*stub);
  for (int i = 0; i < 3; ++i) CHECK(feed.Write(4, columns));
  CHECK(feed.Write(4, columns));  // It is read more than a second after the one before.
  service.store().AwaitFull(16);
  CHECK(service.store().taken() == 16);
  CHECK(service.strand().Now() - before >= 1s);
  CHECK(service.stats().feeds_held_back >= 1);
  CHECK(service.stats().payloads_invalid == 0);
}

TEST_CASE("a new feed of a device has what its earlier ones have left, and no more") {
  FeedService service;
  service.limits().rate = KiB(1);  // 128 values a second, after 1024 at once.
  const LoopbackServer server(service);
  const auto stub = StubOf(server);
  const std::string columns = ManyValues(4);
  const SteadyTime before = service.strand().Now();
  for (int i = 1; i <= 4; ++i) {
    BatchFeed feed(*stub);
    feed.sequence = std::int64_t{4} * (i - 1);
    CHECK(feed.Write(4, columns));
    service.store().AwaitFull(4 * i);
    feed.context.TryCancel();
    static_cast<void>(feed.stream->Finish());
  }
  CHECK(service.strand().Now() - before >= 1s);
  CHECK(service.stats().feeds_held_back >= 1);
}

TEST_CASE("a payload that is refused counts, and its device pays with its next feed") {
  FeedService service;
  service.limits().rate = KiB(64);  // A refusal a second, after eight at once.
  const LoopbackServer server(service);
  const auto stub = StubOf(server);
  const auto refused = [&stub] {
    grpc::ClientContext context;
    const auto stream = stub->LiveFeed(&context);
    telemetry::MetricsPayload payload;
    payload.set_service_name("garbage");
    payload.set_timestamp_ms(1);
    stream->Write(payload);
    payload.set_cpu_usage(std::nan(""));
    stream->Write(payload);
    telemetry::AlertResponse response;
    while (stream->Read(&response)) {
    }
    return stream->Finish().error_code() == grpc::StatusCode::INVALID_ARGUMENT;
  };
  for (int i = 0; i < 7; ++i) CHECK(refused());
  CHECK(service.stats().feeds_held_back == 0);
  for (int i = 0; i < 5; ++i) CHECK(refused());
  CHECK(service.stats().feeds_held_back >= 1);
}

TEST_CASE("a name that is not let in is not remembered") {
  FeedService service;
  const LoopbackServer server(service);
  const auto stub = StubOf(server);
  for (int i = 0; i < 10; ++i) {
    const grpc::Status end = Feed(*stub, std::string(100'000, 'n') + std::to_string(i), 1);
    CHECK(end.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  }
  CHECK(service.rated() == 0);
  CHECK(Feed(*stub, "known", 1).ok());
  CHECK(service.rated() == 1);
}

TEST_CASE("a payload of very many values is taken whole, piece by piece") {
  constexpr std::uint32_t kSamples = 256;
  FeedService service;
  const LoopbackServer server(service);
  const auto stub = StubOf(server);
  const std::string columns = ManyValues(kSamples);
  BatchFeed feed(*stub);
  CHECK(feed.Write(kSamples, columns));
  while (service.store().taken() < static_cast<int>(kSamples)) std::this_thread::yield();
  CHECK(service.stats().payloads_invalid == 0);
  service.store().WriteAll();  // Or the feed waits at the gate for ever.
  feed.context.TryCancel();
  static_cast<void>(feed.stream->Finish());
}

TEST_CASE("who does not read what is said of its samples is not read either") {
  constexpr int kBatches = 1000;  // More than what gRPC and the kernel hold of the replies.
  constexpr std::int64_t kSamples = 256;
  FeedService service;
  service.limits().rate = GiB(1);
  const LoopbackServer server(service);
  const auto stub = StubOf(server);
  BatchFeed feed(*stub);
  std::thread writer([&] {
    for (int i = 0; i < kBatches; ++i) feed.Write(kSamples, "no columns");
  });
  service.AwaitRest();
  CHECK(service.stats().payloads_invalid > 0);
  CHECK(service.stats().payloads_invalid < kBatches * kSamples);

  int rejected = 0;
  telemetry::AlertResponse reply;
  while (rejected < kBatches * kSamples && feed.stream->Read(&reply)) {
    CHECK(reply.rejected_size() <= 1024 + kSamples);
    rejected += reply.rejected_size();
  }
  CHECK(rejected == kBatches * kSamples);
  writer.join();
  feed.context.TryCancel();
  static_cast<void>(feed.stream->Finish());
}

TEST_CASE("a feed that waits for its rate can be ended") {
  FeedService service;
  service.limits().rate = {1};  // After a payload it waits for minutes.
  const LoopbackServer server(service);
  const auto stub = StubOf(server);
  grpc::ClientContext context;
  const auto stream = stub->LiveFeed(&context);
  telemetry::MetricsPayload payload;
  payload.set_service_name("hasty");
  payload.set_timestamp_ms(1);
  REQUIRE(stream->Write(payload));
  service.store().AwaitFull(1);
  context.TryCancel();
  CHECK(stream->Finish().error_code() == grpc::StatusCode::CANCELLED);
  while (service.stats().feeds_held_back == 0) std::this_thread::yield();
  service.EndAll();
  while (service.stats().feeds_open > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace edgefeed
