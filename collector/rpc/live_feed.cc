#include "collector/rpc/live_feed.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "collector/rpc/peer.h"
#include "common/model/features.h"
#include "common/rpc/status.h"
#include "common/wire/response.h"

namespace edgefeed {
namespace {

using telemetry::AlertResponse;
using telemetry::MetricsPayload;

// Acknowledging each payload would double the writes; agents give up after 25 s without a sign.
constexpr std::chrono::seconds kAckEvery{5};
constexpr std::uint64_t kAckAtLeastEach = 64;
// A client that must go but does not read what is being written to it is cut off after this.
constexpr std::chrono::seconds kFinishGrace{5};

Features ClientFeatures(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(grpc::string_ref(kFeaturesKey.data(), kFeaturesKey.size()));
  if (found == metadata.end()) return {};
  return ParseFeatures({found->second.data(), found->second.size()});
}

// One device's feed. The first payload says which device it is, and so which strand the session
// lives on; gRPC orders that reaction before every later one.
class LiveFeedSession final : public grpc::ServerBidiReactor<MetricsPayload, AlertResponse>,
                              public FeedControl,
                              public Drainable {
 public:
  LiveFeedSession(grpc::CallbackServerContext& context, Shards& shards, const FeedLimits& limits,
                  CollectorStats& stats)
      : context_(context),
        shards_(shards),
        limits_(limits),
        stats_(stats),
        address_(PeerAddress(context.peer())),
        features_(ClientFeatures(context)) {
    ++stats_.feeds_open;
    ++stats_.feeds_opened;
    // An original client is not told anything that it does not know.
    if (features_ != Features{}) {
      context_.AddInitialMetadata(std::string(kFeaturesKey), ToString(kAllFeatures));
      StartSendInitialMetadata();
    }
    StartRead(&payload_);
  }

  void OnReadDone(bool ok) override {
    if (shard_ == nullptr) shard_ = &shards_.For(payload_.service_name());
    shard_->strand.Dispatch([this, ok] { HandleRead(ok); });
  }
  void OnWriteDone(bool) override {
    shard_->strand.Dispatch([this] {
      writing_ = false;
      Pump();
    });
  }
  void OnDone() override {
    shard_->strand.Dispatch([this] { HandleDone(); });
  }

  void End(const Error& why) override {
    if (end_) return;
    end_ = ToGrpc(why);
    if (writing_) {
      finish_grace_ = shard_->strand.RunAfter(kFinishGrace, [this] { context_.TryCancel(); });
    }
    Pump();
  }
  void Drain(const Error& why) override { End(why); }

 private:
  void HandleRead(bool ok) {
    if (!ok) return HandleClientClosed();
    if (end_) return;  // What arrives after the verdict is not taken.
    if (const Status taken = Take(); !taken) return End(taken.error());
    Pump();
    if (end_) return;
    // The series' names came once; a reused message would hold their memory for the feed's life.
    if (payload_.new_series_size() > 0) MetricsPayload().Swap(&payload_);
    StartRead(&payload_);
  }

  void HandleClientClosed() {
    if (!end_) end_ = grpc::Status::OK;
    if (features_.acks && unacknowledged_ > 0) ack_due_ = true;
    Pump();
  }

  Status Take() {
    if (payload_.ping() && features_.acks) {
      ack_due_ = true;
      return {};
    }
    ++payloads_;
    Status taken = TakePayload();
    if (!taken && taken.error().code == Code::kInvalidArgument) ++stats_.payloads_invalid;
    return taken;
  }

  Status TakePayload() {
    if (payload_.ByteSizeLong() > limits_.payload_size.count) {
      return Refuse(Code::kResourceExhausted, "is " + FormatBytes({payload_.ByteSizeLong()}) +
                                                  ", at most " + FormatBytes(limits_.payload_size) +
                                                  " are allowed (limits.payload_size)");
    }
    if (!device_.empty() && payload_.service_name() != device_) {
      return Refuse(Code::kInvalidArgument, "service_name changed within the feed");
    }
    auto sample = decoder_.Decode(payload_, shard_->strand.WallNow());
    if (!sample) return Refuse(sample.error().code, sample.error().message);
    if (device_.empty()) {
      if (const Status opened = Open(); !opened) return opened;
    }
    const std::uint64_t sequence = sample->sequence;
    QueueAlerts(shard_->ingest.Accept(device_, *this, std::move(*sample), decoder_.info()));
    NoteAccepted(sequence);
    stats_.readings_dropped += decoder_.dropped_readings() - dropped_readings_;
    dropped_readings_ = decoder_.dropped_readings();
    return {};
  }

  Error Refuse(Code code, const std::string& why) const {
    const std::string device = device_.empty() ? "" : " of device '" + device_ + "'";
    return Error{code, "payload " + std::to_string(payloads_) + device + ": " + why};
  }

  Status Open() {
    const FeedIdentity identity{
        .address = address_,
        .run_id = decoder_.info() != nullptr ? decoder_.info()->run_id : std::string()};
    if (Status opened = shard_->ingest.Open(payload_.service_name(), identity, *this); !opened) {
      return opened;
    }
    device_ = payload_.service_name();
    shard_->streams.insert(this);
    spdlog::info("device '{}' feeds from {}", device_, address_);
    return {};
  }

  void QueueAlerts(std::vector<Alert> alerts) {
    for (Alert& alert : alerts) {
      if (alerts_.size() >= limits_.queued_alerts) {
        alerts_.pop_front();
        ++stats_.alerts_dropped;
      }
      alerts_.push_back(std::move(alert));
    }
  }

  void NoteAccepted(std::uint64_t sequence) {
    if (!features_.acks) return;
    accepted_sequence_ = sequence;
    ++unacknowledged_;
    const SteadyTime now = shard_->strand.Now();
    if (now - last_ack_ >= kAckEvery || unacknowledged_ >= kAckAtLeastEach) ack_due_ = true;
  }

  // Alerts first, then an acknowledgement, then the end.
  void Pump() {
    if (writing_ || finished_) return;
    if (!alerts_.empty()) {
      response_.Clear();
      ToWire(alerts_.front(), response_);
      alerts_.pop_front();
      ++stats_.alerts_sent;
      return Write();
    }
    if (ack_due_ || (end_ && features_.acks && unacknowledged_ > 0)) {
      response_.Clear();
      return Write();
    }
    if (end_) FinishNow();
  }

  // After Finish() the context may be gone at any moment: nothing of it is used any more.
  void FinishNow() {
    finished_ = true;
    finish_grace_.Cancel();
    // Before the client can know: its next feed must find the name free.
    if (!device_.empty()) {
      shard_->streams.erase(this);
      shard_->ingest.Close(device_, *this);
    }
    ended_because_ = WhyEnded();
    Finish(*end_);
  }

  std::string WhyEnded() const {
    if (!end_->ok()) return end_->error_message();
    return context_.IsCancelled() ? "client disconnected" : "client closed";
  }

  void Write() {
    if (features_.acks) {
      response_.set_acked_sequence(accepted_sequence_);
      unacknowledged_ = 0;
      ack_due_ = false;
      last_ack_ = shard_->strand.Now();
    }
    writing_ = true;
    StartWrite(&response_);
  }

  void HandleDone() {
    --stats_.feeds_open;
    spdlog::info("feed of {} from {} ended after {} payloads: {}",
                 device_.empty() ? "an unknown device" : "'" + device_ + "'", address_, payloads_,
                 ended_because_);
    delete this;
  }

  grpc::CallbackServerContext& context_;
  Shards& shards_;
  const FeedLimits& limits_;
  CollectorStats& stats_;
  const std::string address_;
  const Features features_;
  Shard* shard_ = nullptr;
  MetricsPayload payload_;  // gRPC writes into it until OnReadDone,
  AlertResponse response_;  // and reads from it until OnWriteDone.
  PayloadDecoder decoder_{limits_.payload,
                          [this](const Series& s) { return shard_->fleet.series().Intern(s); }};

  std::string device_;  // Empty until the first payload has been accepted.
  std::uint64_t payloads_ = 0;
  std::uint64_t dropped_readings_ = 0;
  std::deque<Alert> alerts_;
  std::uint64_t accepted_sequence_ = 0;
  std::uint64_t unacknowledged_ = 0;
  bool ack_due_ = false;
  SteadyTime last_ack_;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> end_;  // Decided; waits for what is to be written before.
  std::string ended_because_;
  Timer finish_grace_;
};

}  // namespace

grpc::ServerBidiReactor<MetricsPayload, AlertResponse>* NewLiveFeed(
    grpc::CallbackServerContext& context, Shards& shards, const FeedLimits& limits,
    CollectorStats& stats) {
  return new LiveFeedSession(context, shards, limits, stats);
}

}  // namespace edgefeed
