#include "collector/rpc/live_feed.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/rpc/feed_progress.h"
#include "collector/rpc/peer.h"
#include "common/base/units.h"
#include "common/model/features.h"
#include "common/rpc/status.h"
#include "common/wire/response.h"

namespace edgefeed {
namespace {

using telemetry::AlertResponse;
using telemetry::MetricsPayload;

// Acknowledging each payload would double the writes. Agents write to their flash what is not
// acknowledged within 10 s.
constexpr std::chrono::milliseconds kAckEvery{4000};
// … but a drained backlog makes room in the agent's outbox.
constexpr std::uint64_t kAckAtLeastEach = 600;
constexpr std::chrono::minutes kTimeEvery{10};
// A client that must go but does not read what is being written to it is cut off after this; so
// long a client that is done is also kept for its last samples to get to the disk.
constexpr std::chrono::seconds kFinishGrace{5};
// A device that promised to speak is gone after three times as long without a word, and this.
constexpr std::chrono::seconds kSilenceAllowance{5};

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
                              public Drainable,
                              public ReadGate::Reader {
 public:
  LiveFeedSession(grpc::CallbackServerContext& context, Shards& shards, const FeedLimits& limits,
                  CollectorStats& stats, Admitted admitted)
      : context_(context),
        shards_(shards),
        limits_(limits),
        stats_(stats),
        admitted_(std::move(admitted)),
        address_(PeerAddress(context.peer())),
        features_(ClientFeatures(context)) {
    ++stats_.feeds_open;
    ++stats_.feeds_opened;
    // An original client is not told anything that it does not know.
    if (features_.batches) {
      context_.AddInitialMetadata(std::string(kFeaturesKey), ToString(kAllFeatures));
      StartSendInitialMetadata();
    }
    StartRead(&payload_);
  }

  void OnReadDone(bool ok) override {
    if (shard_ == nullptr) shard_ = &shards_.For(payload_.service_name());
    shard_->strand.Dispatch([this, ok] { HandleRead(ok); });
  }
  void OnWriteDone(bool ok) override {
    shard_->strand.Dispatch([this, ok] {
      writing_ = false;
      // A client that does not say what it has: what has left counts as arrived.
      if (ok && !features_.alerts && told_ > 0) shard_->alerts.Acknowledge(device(), told_);
      Pump();
    });
  }
  void OnDone() override {
    shard_->strand.Dispatch([this] { HandleDone(); });
  }

  void End(const Error& why) override {
    if (end_) return;
    end_ = ToGrpc(why);
    if (writing_) StartGrace();
    Pump();
  }
  void Stored(const StreamPosition& position) override {
    if (!features_.batches) return;
    progress_.Stored(position);
    const auto due = last_ack_ + kAckEvery;
    if (closing_ || progress_.unreported() >= kAckAtLeastEach || shard_->strand.Now() >= due) {
      ack_due_ = true;
      Pump();
    } else if (!std::exchange(ack_waits_, true)) {
      ack_timer_ = shard_->strand.RunAt(due, [this] {
        ack_due_ = true;
        Pump();
      });
    }
  }
  void ReadOn() override {
    waits_ = false;
    last_heard_ = shard_->strand.Now();
    StartRead(&payload_);
  }
  void Drain(const Redirect& redirect, const Error& why) override {
    if (features_.batches) redirect_ = redirect;
    End(why);
  }

 private:
  void HandleRead(bool ok) {
    if (!ok) return HandleClientClosed();
    if (end_) return;  // What arrives after the verdict is not taken.
    if (const Status taken = Take(); !taken) return End(taken.error());
    Pump();
    if (end_) return;
    // The series' names came once; a reused message would hold their memory for the feed's life.
    if (payload_.new_series_size() > 0) MetricsPayload().Swap(&payload_);
    if (shard_->gate.MayRead(*this)) return StartRead(&payload_);
    waits_ = true;
  }

  // A client that is done still wants to hear that its last samples are stored.
  void HandleClientClosed() {
    if (finished_) return;
    closing_ = true;
    if (context_.IsCancelled() || progress_.all_stored()) {
      if (!end_) end_ = grpc::Status::OK;
      ack_due_ = progress_.unreported() > 0;
    } else {
      StartGrace();
    }
    Pump();
  }

  void StartGrace() {
    finish_grace_ = shard_->strand.RunAfter(kFinishGrace, [this] {
      if (!end_) end_ = grpc::Status::OK;
      context_.TryCancel();
      Pump();
    });
  }

  Status Take() {
    ++payloads_;
    last_heard_ = shard_->strand.Now();
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
    auto message = decoder_.Decode(payload_, shard_->strand.WallNow());
    if (!message) return Refuse(message.error().code, message.error().message);
    if (!features_.batches && (payload_.has_hello() || payload_.has_batch())) {
      return Refuse(Code::kInvalidArgument,
                    "a client that sends batches must say so: edgefeed-features: batches");
    }
    if (!open_) {
      // Later payloads cannot name another device: the decoder sees to that.
      if (const Status may = admitted_->ActAs(device()); !may) return may;
      if (const Status opened = Open(message->hello); !opened) return opened;
    }
    if (message->hello) {
      welcome_ = Welcome{.stored = shard_->ingest.Resume(device(), *message->hello)};
      if (message->hello->speaks_every.count() > 0) {
        silence_allowed_ = 3 * message->hello->speaks_every + kSilenceAllowance;
        WatchSilence();
      }
    }
    if (message->info) shard_->ingest.Describe(device(), *std::move(message->info));
    if (message->ping) {
      ack_due_ = features_.batches;
      shard_->ingest.Heard(device());
    }
    if (message->alerts_taken > 0 && features_.alerts) {
      shard_->alerts.Acknowledge(device(), message->alerts_taken);
    }
    return TakeSamples(*std::move(message));
  }

  void WatchSilence() {
    silence_ = shard_->strand.RunAt(last_heard_ + silence_allowed_, [this] {
      if (waits_) last_heard_ = shard_->strand.Now();  // It is we who do not listen.
      if (shard_->strand.Now() < last_heard_ + silence_allowed_) return WatchSilence();
      End(Error{Code::kDeadlineExceeded,
                "no word from device '" + device() + "' for " + FormatDuration(silence_allowed_)});
    });
  }

  Status TakeSamples(FeedMessage message) {
    stats_.payloads_invalid += message.rejected.size();
    std::ranges::move(message.rejected, std::back_inserter(rejected_));
    stats_.readings_dropped += decoder_.dropped_readings() - dropped_readings_;
    dropped_readings_ = decoder_.dropped_readings();
    if (message.samples.empty()) return {};
    progress_.Accepted(message.samples.back().position);
    return shard_->ingest.Accept(device(), *this, std::move(message.samples),
                                 message.backlog ? Lane::kBacklog : Lane::kLive);
  }

  Error Refuse(Code code, const std::string& why) const {
    const std::string whose = open_ ? " of device '" + device() + "'" : "";
    return Error{code, "payload " + std::to_string(payloads_) + whose + ": " + why};
  }

  Status Open(const std::optional<Hello>& hello) {
    const FeedIdentity identity{.address = address_,
                                .run_id = hello ? hello->info.run_id : std::string()};
    if (Status opened = shard_->ingest.Open(device(), identity, *this); !opened) return opened;
    open_ = true;
    shard_->streams.insert(this);
    spdlog::info("device '{}' feeds from {}", device(), address_);
    return {};
  }

  // The next that the client is to be told. One of the original contract, or of one without
  // numbers, hears only of what fires. A feed that has been replaced leaves them to its successor.
  const Alert* NextAlert() {
    if (!open_ || (end_ && !end_->ok())) return nullptr;
    while (const Alert* const next = shard_->alerts.Next(device(), told_)) {
      if (!next->resolved || features_.alerts) return next;
      shard_->alerts.Acknowledge(device(), next->number);
    }
    return nullptr;
  }

  // What there is to say goes in one message, alerts one a message, and then comes the end.
  void Pump() {
    if (writing_ || finished_) return;
    if (closing_ && !end_ && progress_.all_stored()) end_ = grpc::Status::OK;
    const Alert* const alert = NextAlert();
    if (alert != nullptr || ack_due_ || welcome_ || !rejected_.empty() || redirect_) {
      return Write(alert);
    }
    if (end_) FinishNow();
  }

  void Write(const Alert* alert) {
    FeedReply reply;
    if (alert != nullptr) {
      reply.alert = *alert;
      told_ = alert->number;
      ++stats_.alerts_sent;
      if (!features_.batches) reply.alert->severity.reset();
      if (!features_.alerts) reply.alert->number = 0;
    }
    if (features_.batches) {
      reply.welcome = std::exchange(welcome_, std::nullopt);
      reply.rejected = std::exchange(rejected_, {});
      reply.redirect = std::exchange(redirect_, std::nullopt);
      reply.stored = progress_.TakeUnreported();
      ack_due_ = false;
      if (!reply.stored.empty()) NoteAcknowledged();
      reply.server_time = TimeIfDue();
    }
    ToWire(reply, response_);
    writing_ = true;
    StartWrite(&response_);
  }

  void NoteAcknowledged() {
    ack_waits_ = false;
    ack_timer_.Cancel();
    last_ack_ = shard_->strand.Now();
  }

  // Devices whose clock is not synchronised go by ours.
  std::optional<WallTime> TimeIfDue() {
    const SteadyTime now = shard_->strand.Now();
    if (last_time_ && now - *last_time_ < kTimeEvery) return std::nullopt;
    last_time_ = now;
    return shard_->strand.WallNow();
  }

  // After Finish() the context may be gone at any moment: nothing of it is used any more.
  void FinishNow() {
    finished_ = true;
    finish_grace_.Cancel();
    ack_timer_.Cancel();
    silence_.Cancel();
    // Before the client can know: its next feed must find the name free.
    if (waits_) shard_->gate.Forget(*this);
    if (open_) {
      shard_->streams.erase(this);
      shard_->ingest.Close(device(), *this);
    }
    ended_because_ = WhyEnded();
    Finish(*end_);
  }

  std::string WhyEnded() const {
    if (!end_->ok()) return end_->error_message();
    return context_.IsCancelled() ? "client disconnected" : "client closed";
  }

  void HandleDone() {
    --stats_.feeds_open;
    spdlog::info("feed of {} from {} ended after {} payloads: {}",
                 open_ ? "'" + device() + "'" : "an unknown device", address_, payloads_,
                 ended_because_);
    delete this;
  }

  [[nodiscard]] const std::string& device() const { return decoder_.device(); }

  grpc::CallbackServerContext& context_;
  Shards& shards_;
  const FeedLimits& limits_;
  CollectorStats& stats_;
  const Admitted admitted_;
  const std::string address_;
  const Features features_;
  Shard* shard_ = nullptr;
  MetricsPayload payload_;  // gRPC writes into it until OnReadDone,
  AlertResponse response_;  // and reads from it until OnWriteDone.
  PayloadDecoder decoder_{limits_.payload,
                          [this](const Series& s) { return shard_->fleet.series().Intern(s); }};

  bool open_ = false;  // Ingest has let the device in.
  std::uint64_t payloads_ = 0;
  std::uint64_t dropped_readings_ = 0;

  std::uint64_t told_ = 0;  // The number of the last alert that was written.
  std::optional<Welcome> welcome_;
  std::vector<Rejection> rejected_;
  std::optional<Redirect> redirect_;
  FeedProgress progress_;
  bool ack_due_ = false;
  bool ack_waits_ = false;  // For ack_timer_.
  Timer ack_timer_;
  SteadyTime last_ack_;
  std::optional<SteadyTime> last_time_;  // When the device was last told the time.

  SteadyTime last_heard_;
  std::chrono::milliseconds silence_allowed_{0};
  Timer silence_;

  bool waits_ = false;    // At the gate: nothing is being read.
  bool closing_ = false;  // The client sends nothing more.
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> end_;  // Decided; waits for what is to be written before.
  std::string ended_because_;
  Timer finish_grace_;
};

}  // namespace

grpc::ServerBidiReactor<MetricsPayload, AlertResponse>* NewLiveFeed(
    grpc::CallbackServerContext& context, Shards& shards, const FeedLimits& limits,
    CollectorStats& stats, Admitted admitted) {
  return new LiveFeedSession(context, shards, limits, stats, std::move(admitted));
}

}  // namespace edgefeed
