#include "agent/feed/feed.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/base/units.h"

namespace edgefeed {
namespace {

std::chrono::milliseconds WholeSeconds(SteadyTime::duration elapsed) {
  return std::chrono::duration_cast<std::chrono::seconds>(elapsed);
}

}  // namespace

Feed::Feed(FeedConfig config, Scheduler& scheduler, Transport& transport, SampleQueue& queue,
           AlertSink& alerts)
    : config_(std::move(config)),
      scheduler_(scheduler),
      transport_(transport),
      queue_(queue),
      alerts_(alerts),
      backoff_(config_.backoff, config_.backoff_seed) {}

void Feed::Start() { Connect(); }

void Feed::Connect() {
  collector_ = config_.collectors[next_collector_++ % config_.collectors.size()];
  state_ = State::kOpening;
  features_.reset();
  sending_ = confirmed_ = was_healthy_ = false;
  WatchConnect();
  answer_deadline_ = scheduler_.RunAfter(config_.answer_timeout, [this] { BeginStreaming(); });
  connection_ = transport_.Open(collector_, *this);
}

void Feed::WatchConnect() {
  connect_deadline_ = scheduler_.RunAfter(config_.connect_timeout, [this] {
    // An original server that has been sent nothing yet has nothing to show.
    if (!sending_ && state_ == State::kStreaming) return WatchConnect();
    GiveUp("no connection within " + FormatDuration(config_.connect_timeout));
  });
}

void Feed::OnAnswered(const Features& features) {
  features_ = features;
  Confirm();
  BeginStreaming();
}

void Feed::BeginStreaming() {
  if (state_ != State::kOpening) return;
  state_ = State::kStreaming;
  answer_deadline_.Cancel();
  Pump();
}

// The connection has carried something.
void Feed::Confirm() {
  last_sign_ = scheduler_.Now();
  if (std::exchange(confirmed_, true)) return;
  ++connects_;
  LogConnected();
  connect_deadline_.Cancel();
  healthy_ = scheduler_.RunAfter(config_.healthy_after, [this] {
    was_healthy_ = true;
    backoff_.Reset();
  });
  CheckLiveness();
}

void Feed::Pump() {
  const bool open = state_ == State::kStreaming || (state_ == State::kStopping && !half_closed_);
  if (!open || sending_) return;
  const Sample* sample = queue_.NextUnsent();
  if (sample == nullptr) return;
  const bool full = features_ && features_->readings;
  sending_ = true;
  sending_sequence_ = sample->sequence;
  // An original server owes us nothing until now.
  if (!Acks()) last_sign_ = scheduler_.Now();
  connection_->Send(*sample, full ? Dialect::kFull : Dialect::kOriginal);
  queue_.MarkSent();
}

void Feed::OnSent() {
  sending_ = false;
  // An original server never acknowledges: what it was sent is all we will know.
  if (!Acks()) {
    if (sending_sequence_ != 0) queue_.Acknowledge(sending_sequence_);
    Confirm();
  }
  Pump();
  HalfCloseWhenDrained();
}

void Feed::OnAcknowledged(std::uint64_t sequence) {
  last_sign_ = scheduler_.Now();
  if (sequence != 0) queue_.Acknowledge(sequence);
}

void Feed::OnAlert(const Alert& alert) {
  last_sign_ = scheduler_.Now();
  alerts_.Accept(alert);
}

// A collector that acknowledges shows signs of life by itself while samples flow; a quiet feed asks
// for one. An original server shows none: there, only a write that does not leave tells.
void Feed::CheckLiveness() {
  const auto silent = scheduler_.Now() - last_sign_;
  const bool expects_sign = Acks() || sending_;
  if (silent >= config_.dead_after && expects_sign) {
    return GiveUp("no sign of life for " + FormatDuration(WholeSeconds(silent)));
  }
  if (silent >= config_.ping_after && Acks() && !sending_) {
    sending_ = true;
    sending_sequence_ = 0;
    connection_->SendPing();
  }
  SteadyTime next = scheduler_.Now() + config_.ping_after;
  if (silent < config_.ping_after) {
    next = last_sign_ + config_.ping_after;
  } else if (silent < config_.dead_after) {
    next = last_sign_ + config_.dead_after;
  }
  liveness_ = scheduler_.RunAt(next, [this] { CheckLiveness(); });
}

void Feed::GiveUp(std::string_view why) {
  OnClosed(Error{Code::kDeadlineExceeded, std::string(why)});
}

void Feed::OnClosed(const Error& why) {
  EndConnection();
  if (state_ == State::kStopping) return FinishStop();
  RejectIfRefused(why);
  queue_.Rewind();
  LogLost(why);
  state_ = State::kWaiting;
  // Several collectors are tried one right after another; only a full round waits.
  const bool round_over = next_collector_ % config_.collectors.size() == 0 || was_healthy_;
  const auto wait = round_over ? backoff_.Next() : std::chrono::milliseconds(0);
  reconnect_ = scheduler_.RunAfter(wait, [this] { Connect(); });
}

void Feed::EndConnection() {
  connect_deadline_.Cancel();
  answer_deadline_.Cancel();
  healthy_.Cancel();
  liveness_.Cancel();
  confirmed_ = false;
  connection_.reset();
}

// The collector acknowledges all it took before it refuses a payload, so the refused one is the
// oldest that is left. Sending it again would end the next connection too.
void Feed::RejectIfRefused(const Error& why) {
  if (why.code != Code::kInvalidArgument || !Acks() || queue_.unacknowledged() == 0) return;
  spdlog::error("the collector refused a sample, which is dropped: {}", why.message);
  queue_.RejectOldest();
}

void Feed::Stop(std::chrono::milliseconds grace, std::function<void()> done) {
  stopped_ = std::move(done);
  reconnect_.Cancel();
  if (connection_ == nullptr || !confirmed_) {
    EndConnection();
    return FinishStop();
  }
  state_ = State::kStopping;
  liveness_.Cancel();
  HalfCloseWhenDrained();
  stop_deadline_ = scheduler_.RunAfter(grace, [this] {
    EndConnection();
    FinishStop();
  });
}

// Nothing may be sent after the half-close.
void Feed::HalfCloseWhenDrained() {
  if (state_ != State::kStopping || sending_ || half_closed_) return;
  half_closed_ = true;
  connection_->HalfClose();
}

void Feed::FinishStop() {
  state_ = State::kStopped;
  stop_deadline_.Cancel();
  queue_.Rewind();
  // Posted: the caller may be an event of the connection, and `stopped_` may destroy the feed.
  scheduler_.Post(std::exchange(stopped_, [] {}));
}

void Feed::LogLost(const Error& why) {
  if (!lost_since_) {
    lost_since_ = scheduler_.Now();
    quiet_ = !was_healthy_ && why.message == last_loss_;
  } else if (quiet_ && scheduler_.Now() - *lost_since_ >= config_.healthy_after) {
    quiet_ = false;  // Not just the same trouble again: it lasts.
  } else {
    return;
  }
  last_loss_ = why.message;
  if (quiet_) return;
  spdlog::warn("lost collector {}: {} ({}); samples are kept and it is tried again",
               ToString(collector_), why.message, CodeName(why.code));
}

void Feed::LogConnected() {
  const auto lost_since = std::exchange(lost_since_, std::nullopt);
  if (quiet_) return;
  if (!lost_since) return spdlog::info("connected to {}", ToString(collector_));
  spdlog::info("connected to {} after {}", ToString(collector_),
               FormatDuration(WholeSeconds(scheduler_.Now() - *lost_since)));
}

}  // namespace edgefeed
