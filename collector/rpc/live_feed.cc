#include "collector/rpc/live_feed.h"

#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "collector/rpc/feed_intake.h"
#include "collector/rpc/feed_replies.h"
#include "collector/rpc/peer.h"
#include "common/base/units.h"
#include "common/model/features.h"
#include "common/rpc/status.h"
#include "common/wire/response.h"

namespace edgefeed {
namespace {

using telemetry::AlertResponse;
using telemetry::MetricsPayload;

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
    if (shard_ == nullptr) MeetShard();
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
    replies_.Stored(position, shard_->strand.Now());
    if (closing_) replies_.AcknowledgeStored();
    if (replies_.is_due()) return Pump();
    const auto by = replies_.acknowledge_by();
    if (!by || std::exchange(ack_waits_, true)) return;
    ack_timer_ = shard_->strand.RunAt(*by, [this] {
      replies_.AcknowledgeStored();
      Pump();
    });
  }
  void ReadOn() override {
    waits_ = false;
    last_heard_ = shard_->strand.Now();
    StartRead(&payload_);
  }
  void Drain(const Redirect& redirect, const Error& why) override {
    replies_.Leave(redirect);
    End(why);
  }

 private:
  // Nothing of the shard is used here: this is a thread of gRPC's.
  void MeetShard() {
    shard_ = &shards_.For(payload_.service_name());
    FeedClient client{.features = features_, .may_feed = [this](const std::string& device) {
                        return admitted_->ActAs(device);
                      }};
    intake_.emplace(*shard_, *this, limits_, std::move(client), replies_, stats_);
  }

  void HandleRead(bool ok) {
    if (!ok) return HandleClientClosed();
    if (end_) return;  // What arrives after the verdict is not taken.
    payload_bytes_ = payload_.ByteSizeLong();
    untaken_payload_ = true;
    // What its device has sent by earlier feeds counts for this one.
    Allowance* const before =
        intake_->is_open() ? nullptr : shard_->rates.Known(payload_.service_name());
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
    last_heard_ = shard_->strand.Now();
    const bool was_open = intake_->is_open();
    const Status taken = intake_->Take(payload_, payload_bytes_, address_);
    if (intake_->is_open() && !was_open) NoteOpen();
    if (!taken) return RefusePayload(taken.error());
    if (intake_->speaks_every().count() > 0 && !std::exchange(watches_silence_, true)) {
      WatchSilence();
    }
    TakePiece();
  }
  void NoteOpen() {
    shard_->streams.insert(this);
    spdlog::info("device '{}' feeds from {}", device(), address_);
  }
  // The device pays for it with its next feed.
  void RefusePayload(const Error& why) {
    if (intake_->is_open()) Owe(shard_->rates.Of(device()), intake_->cost_bytes());
    End(why);
  }

  // A payload of very many values is taken piece by piece: between two pieces others have their
  // turn.
  void TakePiece() {
    if (const Status taken = intake_->TakePiece(); !taken) return End(taken.error());
    Pump();
    if (end_) return;
    if (intake_->has_more()) return AwaitTurn();
    // The series' names came once; a reused message would hold their memory for the feed's life.
    if (payload_.new_series_size() > 0) MetricsPayload().Swap(&payload_);
    if (!replies_.is_full()) {
      ReadOnceAffordable();
    } else {
      is_unread_ = true;
    }
  }

  // A feed over its rate is read no faster: what it has to send waits there.
  void ReadOnceAffordable() {
    const auto pause = Owe(shard_->rates.Of(device()), intake_->cost_bytes());
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
    if (context_.IsCancelled() || replies_.all_stored()) {
      if (!end_) end_ = grpc::Status::OK;
      replies_.AcknowledgeStored();
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

  void WatchSilence() {
    const auto allowed = 3 * intake_->speaks_every() + kSilenceAllowance;
    silence_ = shard_->strand.RunAt(last_heard_ + allowed, [this, allowed] {
      // It is we who do not listen.
      if (waits_ || in_turns_) last_heard_ = shard_->strand.Now();
      if (shard_->strand.Now() < last_heard_ + allowed) return WatchSilence();
      End(Error{Code::kDeadlineExceeded,
                "no word from device '" + device() + "' for " + FormatDuration(allowed)});
    });
  }

  // The next that the client is to be told. One of the original contract, or of one without
  // numbers, hears only of what fires. A feed that has been replaced leaves them to its successor.
  const Alert* NextAlert() {
    if (!intake_->is_open() || (end_ && !end_->ok())) return nullptr;
    while (const Alert* const next = shard_->alerts.Next(device(), told_)) {
      if (!next->resolved || features_.alerts) return next;
      shard_->alerts.Acknowledge(device(), next->number);
    }
    return nullptr;
  }

  // What there is to say goes in one message, alerts one a message, and then comes the end.
  void Pump() {
    if (writing_ || finished_) return;
    if (closing_ && !end_ && replies_.all_stored()) end_ = grpc::Status::OK;
    const Alert* const alert = NextAlert();
    if (alert != nullptr || replies_.is_due()) return Write(alert);
    if (end_) FinishNow();
  }

  void Write(const Alert* alert) {
    if (alert != nullptr) {
      told_ = alert->number;
      ++stats_.alerts_sent;
    }
    const FeedReply reply = replies_.Take(alert, shard_->strand.Now(), shard_->strand.WallNow());
    if (!reply.stored.empty()) {
      ack_waits_ = false;
      ack_timer_.Cancel();
    }
    ToWire(reply, response_);
    writing_ = true;
    StartWrite(&response_);
    if (std::exchange(is_unread_, false) && !end_) ReadOnceAffordable();
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
    if (intake_->is_open()) {
      shard_->streams.erase(this);
      intake_->Close();
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
                 intake_->is_open() ? "'" + device() + "'" : "an unknown device", address_,
                 intake_->payloads(), ended_because_);
    delete this;
  }

  [[nodiscard]] const std::string& device() const { return intake_->device(); }

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
  FeedReplies replies_{features_};
  std::optional<FeedIntake> intake_;  // As soon as there is a shard.

  std::uint64_t told_ = 0;  // The number of the last alert that was written.
  bool ack_waits_ = false;  // For ack_timer_.
  Timer ack_timer_;

  SteadyTime last_heard_;
  bool watches_silence_ = false;
  Timer silence_;

  std::size_t payload_bytes_ = 0;
  bool untaken_payload_ = false;  // It has been read, and nothing else.
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
