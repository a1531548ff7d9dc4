#include "collector/rpc/subscribe.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/fleet/subscription.h"
#include "collector/rpc/call_place.h"
#include "collector/rpc/peer.h"
#include "collector/rpc/refusal.h"
#include "collector/rpc/response.h"
#include "common/rpc/status.h"

namespace edgefeed {
namespace {

using telemetry::MetricsRequest;
using telemetry::MetricsResponse;

constexpr std::uint32_t kShortestIntervalMs = 500;
// A reader that takes nothing for this long is ended; it is looked at this often.
constexpr std::chrono::seconds kStalledAfter{30};
constexpr std::chrono::seconds kLookEvery{5};

// One reader. Lives on the strand of one shard (`home_`); of each shard whose devices it follows it
// owns a Subscription there, which hands over one batch at a time and waits for Ready().
class SubscribeSession final : public grpc::ServerWriteReactor<MetricsResponse>, public Drainable {
 public:
  SubscribeSession(grpc::CallbackServerContext& context, const MetricsRequest& request,
                   Shards& shards, CollectorStats& stats, Admitted admitted)
      : context_(context),
        shards_(shards),
        stats_(stats),
        admitted_(std::move(admitted)),
        address_(PeerAddress(context.peer())),
        config_{.device = request.service_name(),
                .interval =
                    std::chrono::milliseconds(std::max(request.interval_ms(), kShortestIntervalMs)),
                .detail = request.detail() == MetricsRequest::READINGS ? Detail::kReadings
                                                                       : Detail::kHeadline},
        home_(shards.For(config_.device)),
        subscriptions_(shards.size()) {
    // So that a reader of a fleet without devices knows that it has been heard.
    StartSendInitialMetadata();
    home_.strand.Post([this] { Begin(); });
  }

  void OnWriteDone(bool ok) override {
    home_.strand.Dispatch([this, ok] { HandleWritten(ok); });
  }
  void OnCancel() override {
    home_.strand.Dispatch([this] { End(grpc::Status::CANCELLED); });
  }
  void OnDone() override {
    home_.strand.Dispatch([this] { HandleDone(); });
  }

  void Drain(const Redirect& /*redirect*/, const Error& why) override {
    if (!end_) End(ToGrpc(why, context_));
  }

 private:
  struct Batch {
    std::size_t shard = 0;
    std::vector<DeviceSnapshot> snapshots;
    std::size_t next = 0;
  };

  void Begin() {
    home_.streams.insert(this);
    if (!config_.device.empty() && !home_.fleet.Get(config_.device, Detail::kHeadline)) {
      return End({grpc::StatusCode::NOT_FOUND, "device '" + config_.device + "' was never seen"});
    }
    LookForStall();
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      if (config_.device.empty() || &shards_[i] == &home_) Subscribe(i);
    }
  }

  void Subscribe(std::size_t i) {
    ++open_subscriptions_;
    Shard& shard = shards_[i];
    shard.strand.Post([this, i, &shard] {
      subscriptions_[i] = std::make_unique<Subscription>(
          shard.fleet, shard.strand, config_, [this, i](std::vector<DeviceSnapshot> snapshots) {
            home_.strand.Post([this, i, batch = std::move(snapshots)]() mutable {
              batches_.push_back({.shard = i, .snapshots = std::move(batch)});
              Pump();
            });
          });
      subscriptions_[i]->Ready();
    });
  }

  void Pump() {
    if (writing_ || finished_) return;
    if (end_) {
      // After Finish() the context may be gone at any moment: nothing of it is used any more.
      finished_ = true;
      stall_timer_.Cancel();
      return Finish(*end_);
    }
    if (batches_.empty()) return;
    Batch& batch = batches_.front();
    ToWire(batch.snapshots[batch.next++], config_.detail, response_);
    if (batch.next == batch.snapshots.size()) {
      const std::size_t i = batch.shard;
      batches_.pop_front();
      // The last of the batch is on its way: by the time the next is here, it has been written.
      pending_ready_ = i;
    }
    writing_ = true;
    write_started_ = home_.strand.Now();
    ++stats_.subscriber_updates;
    StartWrite(&response_);
  }

  void HandleWritten(bool ok) {
    writing_ = false;
    if (!ok && !end_) end_ = grpc::Status::CANCELLED;
    if (const auto i = std::exchange(pending_ready_, std::nullopt); i && !end_) {
      shards_[*i].strand.Post([this, i] {
        if (subscriptions_[*i] != nullptr) subscriptions_[*i]->Ready();
      });
    }
    Pump();
  }

  void End(const grpc::Status& status) {
    if (!end_) end_ = status;
    Pump();
  }

  // A stalled write never ends by itself, and only a cancelled call ends it.
  void LookForStall() {
    if (finished_) return;
    if (writing_ && home_.strand.Now() - write_started_ >= kStalledAfter) {
      ++stats_.subscribers_ended_stalled;
      spdlog::warn("subscriber {} took nothing for 30 s and is ended", address_);
      context_.TryCancel();
      return;
    }
    stall_timer_ = home_.strand.RunAfter(kLookEvery, [this] { LookForStall(); });
  }

  void HandleDone() {
    home_.streams.erase(this);
    if (open_subscriptions_ == 0) return Delete();
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      if (config_.device.empty() || &shards_[i] == &home_) Unsubscribe(i);
    }
  }

  void Unsubscribe(std::size_t i) {
    shards_[i].strand.Post([this, i] {
      subscriptions_[i].reset();
      // After every batch that the subscription has posted.
      home_.strand.Post([this] {
        if (--open_subscriptions_ == 0) Delete();
      });
    });
  }

  void Delete() {
    --stats_.subscribers_open;
    spdlog::debug("subscriber {} ended", address_);
    delete this;
  }

  grpc::CallbackServerContext& context_;
  Shards& shards_;
  CollectorStats& stats_;
  const Admitted admitted_;
  const std::string address_;
  const SubscriptionConfig config_;
  Shard& home_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;  // Each on its shard's strand.
  std::size_t open_subscriptions_ = 0;
  std::deque<Batch> batches_;  // At most one of each shard.
  std::optional<std::size_t> pending_ready_;
  MetricsResponse response_;  // gRPC reads it until OnWriteDone.
  bool writing_ = false;
  bool finished_ = false;
  SteadyTime write_started_;
  std::optional<grpc::Status> end_;
  Timer stall_timer_;
};

}  // namespace

grpc::ServerWriteReactor<MetricsResponse>* NewSubscribe(grpc::CallbackServerContext& context,
                                                        const MetricsRequest& request,
                                                        Shards& shards,
                                                        std::uint32_t max_subscribers,
                                                        CollectorStats& stats, Admitted admitted) {
  if (stats.subscribers_open.fetch_add(1) >= max_subscribers) {
    --stats.subscribers_open;
    ++stats.subscribers_refused;
    return new Refusal<MetricsResponse>(
        context, Error{Code::kResourceExhausted,
                       "the collector has " + std::to_string(max_subscribers) +
                           " subscribers already (limits.subscribers)",
                       kLongCallsEnd});
  }
  return new SubscribeSession(context, request, shards, stats, std::move(admitted));
}

}  // namespace edgefeed
