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

#include "collector/rpc/feed_cost.h"
#include "collector/rpc/feed_progress.h"
#include "collector/rpc/peer.h"
#include "collector/rpc/sample_pieces.h"
#include "common/base/units.h"
#include "common/model/device.h"
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
// So many wait for a client that does not read its replies; then its feed is not read either.
constexpr std::size_t kMostRejections = 1024;
constexpr double kFeedBurstSeconds = 8;
// A payload of more waits for its turn before it is decoded.
constexpr std::size_t kLongBytes = std::size_t{16} << 10;
constexpr std::uint32_t kLongSamples = 64;
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
                              public ReadGate::Reader,
                              public Turns::Taker {
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
    end_ = ToGrpc(why, context_);
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
    payload_bytes_ = payload_.ByteSizeLong();
    untaken_payload_ = true;
    // What its device has sent by earlier feeds counts for this one.
    Allowance* const before = open_ ? nullptr : shard_->rates.Known(payload_.service_name());
    const auto pause = before == nullptr ? SteadyTime::duration() : Owe(*before, 0);
    if (pause.count() <= 0) return TakeInTurn();
    ++stats_.feeds_held_back;
    pause_ = shard_->strand.RunAt(shard_->strand.Now() + pause, [this] { TakeInTurn(); });
  }
  void TakeInTurn() { IsLong() ? AwaitTurn() : TakeNext(); }

  // How long it is until the device may send more, when this counts as sent.
  SteadyTime::duration Owe(Allowance& allowance, std::uint64_t bytes) const {
    const auto rate = static_cast<double>(limits_.rate.count);
    return allowance.Owe(shard_->strand.Now(), rate, kFeedBurstSeconds * rate,
                         static_cast<double>(bytes));
  }

  // Whether it may take long to decode.
  [[nodiscard]] bool IsLong() const {
    return payload_bytes_ > kLongBytes || payload_.batch().count() > kLongSamples;
  }
  void AwaitTurn() {
    in_turns_ = true;
    shard_->turns.Await(*this);
  }
  void TakeTurn() override {
    in_turns_ = false;
    TakeNext();
  }
  void TakeNext() {
    if (end_) return;  // What is left comes again.
    if (std::exchange(untaken_payload_, false)) return TakePayloadNow();
    TakePiece();
  }

  void TakePayloadNow() {
    if (const Status taken = Take(); !taken) return End(taken.error());
    // The series' names came once; a reused message would hold their memory for the feed's life.
    if (payload_.new_series_size() > 0) MetricsPayload().Swap(&payload_);
    TakePiece();
  }

  // A payload of very many values is taken piece by piece: between two pieces others have their
  // turn.
  void TakePiece() {
    if (std::vector<Sample> piece = untaken_.Next(); !piece.empty()) {
      progress_.Accepted(piece.back().position);
      const Status taken = shard_->ingest.Accept(device(), *this, std::move(piece), lane_);
      if (!taken) return End(taken.error());
    }
    Pump();
    if (end_) return;
    if (!untaken_.done()) {
      AwaitTurn();
    } else if (rejected_.size() < kMostRejections) {
      ReadOnceAffordable();
    } else {
      is_unread_ = true;
    }
  }

  // A feed over its rate is read no faster: what it has to send waits there.
  void ReadOnceAffordable() {
    const auto pause = Owe(shard_->rates.Of(device()), cost_bytes_);
    waits_ = true;
    if (pause.count() <= 0) return AskGate();
    ++stats_.feeds_held_back;
    pause_ = shard_->strand.RunAt(shard_->strand.Now() + pause, [this] { AskGate(); });
  }
  void AskGate() {
    if (shard_->gate.MayRead(*this)) ReadOn();
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
    if (payload_bytes_ > limits_.payload_size.count) {
      return Refuse(Code::kResourceExhausted, "is " + FormatBytes({payload_bytes_}) + ", at most " +
                                                  FormatBytes(limits_.payload_size) +
                                                  " are allowed (limits.payload_size)");
    }
    if (const Status may = MayFeed(); !may) return may;
    auto message = decoder_.Decode(payload_, shard_->strand.WallNow());
    if (!message) return Refuse(message.error().code, message.error().message);
    if (!features_.batches && (payload_.has_hello() || payload_.has_batch())) {
      return Refuse(Code::kInvalidArgument,
                    "a client that sends batches must say so: edgefeed-features: batches");
    }
    if (!open_) {
      if (const Status opened = Open(message->hello); !opened) return opened;
    }
    if (message->hello) Greet(*message->hello);
    if (message->info) shard_->ingest.Describe(device(), *std::move(message->info));
    if (message->ping) {
      ack_due_ = features_.batches;
      shard_->ingest.Heard(device());
    }
    if (message->alerts_taken > 0 && features_.alerts) {
      shard_->alerts.Acknowledge(device(), message->alerts_taken);
    }
    TakeSamples(*std::move(message));
    return {};
  }

  void Greet(const Hello& hello) {
    welcome_ = Welcome{.stored = shard_->ingest.Resume(device(), hello)};
    if (hello.speaks_every.count() <= 0) return;
    silence_allowed_ = 3 * hello.speaks_every + kSilenceAllowance;
    WatchSilence();
  }

  // Before anything of a payload is taken, as the names of its series. Later payloads cannot name
  // another device: the decoder sees to that, and says what a name may be.
  [[nodiscard]] Status MayFeed() const {
    const std::string& name = payload_.service_name();
    return open_ || !CheckDeviceName(name) ? Status() : admitted_->ActAs(name);
  }

  void WatchSilence() {
    silence_ = shard_->strand.RunAt(last_heard_ + silence_allowed_, [this] {
      // It is we who do not listen.
      if (waits_ || in_turns_) last_heard_ = shard_->strand.Now();
      if (shard_->strand.Now() < last_heard_ + silence_allowed_) return WatchSilence();
      End(Error{Code::kDeadlineExceeded,
                "no word from device '" + device() + "' for " + FormatDuration(silence_allowed_)});
    });
  }

  void TakeSamples(FeedMessage message) {
    const std::uint64_t dropped = decoder_.dropped_readings() - dropped_readings_;
    cost_bytes_ = FeedCost(payload_bytes_, message, dropped);
    stats_.payloads_invalid += message.rejected.size();
    std::ranges::move(message.rejected, std::back_inserter(rejected_));
    stats_.readings_dropped += dropped;
    dropped_readings_ += dropped;
    untaken_ = SamplePieces(std::move(message.samples));
    lane_ = message.backlog ? Lane::kBacklog : Lane::kLive;
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
    if (std::exchange(is_unread_, false) && !end_) ReadOnceAffordable();
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
    pause_.Cancel();
    // Before the client can know: its next feed must find the name free, and a place.
    if (waits_) shard_->gate.Forget(*this);
    if (in_turns_) shard_->turns.Forget(*this);
    if (open_) {
      shard_->streams.erase(this);
      shard_->ingest.Close(device(), *this);
    }
    admitted_.reset();
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
  Admitted admitted_;  // Null once it is finished.
  const std::string address_;
  const Features features_;
  Shard* shard_ = nullptr;
  MetricsPayload payload_;  // gRPC writes into it until OnReadDone,
  AlertResponse response_;  // and reads from it until OnWriteDone.
  PayloadDecoder decoder_{limits_.payload, [this](const Series& series) {
                            return shard_->fleet.Introduce(device(), series);
                          }};

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

  std::size_t payload_bytes_ = 0;
  bool untaken_payload_ = false;  // It has been read, and nothing else.
  std::uint64_t cost_bytes_ = 0;  // Of the last payload.
  SamplePieces untaken_;          // Of it.
  Lane lane_ = Lane::kLive;       // Of these.
  bool is_unread_ = false;        // Nothing is read until the client reads what it is told.
  bool in_turns_ = false;         // It awaits its turn.
  Timer pause_;                   // Between payloads.
  bool waits_ = false;            // For its rate, or at the gate: nothing is being read.
  bool closing_ = false;          // The client sends nothing more.
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
