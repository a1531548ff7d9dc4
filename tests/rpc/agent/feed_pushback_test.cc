// The agent's feed over gRPC, and a collector that has no room for it yet.
#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <future>
#include <memory>
#include <mutex>
#include <vector>

#include "agent/feed/feed.h"
#include "agent/rpc/grpc_transport.h"
#include "common/runtime/strand.h"
#include "telemetry.grpc.pb.h"
#include "tests/rpc/support/loopback_server.h"
#include "tests/support/fake_sample_queue.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60s;
constexpr std::size_t kRefused = 2;
constexpr std::chrono::milliseconds kPushback = 250ms;

// Refuses the first feeds, and notes when each came.
class FullCollector final : public telemetry::TelemetryService::CallbackService {
 public:
  grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>* LiveFeed(
      grpc::CallbackServerContext* context) override {
    const std::scoped_lock lock(mutex_);
    came_.push_back(clock_.Steady());
    const bool is_refused = came_.size() <= kRefused;
    if (came_.size() == kRefused + 1) let_in_.set_value();
    if (is_refused) {
      context->AddTrailingMetadata("grpc-retry-pushback-ms", std::to_string(kPushback.count()));
    }
    return new Reactor(is_refused);  // Deletes itself.
  }

  bool AwaitLetIn() {
    return let_in_.get_future().wait_for(kPatience) == std::future_status::ready;
  }
  std::vector<SteadyTime> came() {
    const std::scoped_lock lock(mutex_);
    return came_;
  }

 private:
  struct Reactor final
      : public grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse> {
    explicit Reactor(bool is_refused) : refused(is_refused) {
      StartSendInitialMetadata();
      if (refused) Finish({grpc::StatusCode::RESOURCE_EXHAUSTED, "full"});
    }
    void OnCancel() override {
      if (!refused) Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }
    const bool refused;
  };

  SystemClock clock_;
  std::mutex mutex_;
  std::vector<SteadyTime> came_;
  std::promise<void> let_in_;
};

struct NoClock final : public SampleClock {
  WallTime At(std::chrono::milliseconds /*since_boot*/) override { return {}; }
  void Learn(WallTime /*collector_time*/, std::chrono::milliseconds /*round_trip*/) override {}
  [[nodiscard]] ClockTrust trust() const override { return ClockTrust::kKernel; }
};

struct NoAlerts final : public AlertSink {
  void Accept(const Alert& /*alert*/) override {}
};

TEST_CASE("a feed that is refused comes back when the collector says, and not before") {
  FullCollector collector;
  const LoopbackServer server(collector);
  const SystemClock clock;
  const SeriesTable series(1);
  Strand strand("core", clock);
  FakeSampleQueue queue;
  NoClock sample_clock;
  NoAlerts alerts;
  GrpcTransport transport(strand, {.device_name = "board-7", .info = {}}, series, nullptr,
                          GrpcTransport::kKeepalive);
  Feed feed({.collectors = {server.endpoint()}, .backoff = {.first = 1ms, .cap = 1ms}}, strand,
            transport, queue, sample_clock, alerts);
  RunOn(strand, [&] { feed.Start(); });

  REQUIRE(collector.AwaitLetIn());

  const std::vector<SteadyTime> came = collector.came();
  for (std::size_t i = 1; i <= kRefused; ++i) CHECK(came[i] - came[i - 1] >= kPushback);
  std::promise<void> idle;
  strand.Post([&] { feed.Stop(0ms, [&] { transport.WhenIdle([&] { idle.set_value(); }); }); });
  CHECK(idle.get_future().wait_for(kPatience) == std::future_status::ready);
}

}  // namespace
}  // namespace edgefeed
