#include "agent/feed/feed.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/base/units.h"

namespace edgefeed {
namespace {

// Most that a collector makes the feed wait, and most that a redirect spreads that by. A feed that
// does nothing for longer looks as if it stood still, and the service manager restarts the agent.
constexpr std::chrono::milliseconds kMostToldWait = std::chrono::minutes(5);

// More than a collector keeps for a device.
constexpr std::size_t kRememberedAlerts = 256;

std::chrono::milliseconds WholeSeconds(SteadyTime::duration elapsed) {
  return std::chrono::duration_cast<std::chrono::seconds>(elapsed);
}

}  // namespace

Feed::Feed(FeedConfig config, Scheduler& scheduler, Transport& transport, SampleQueue& queue,
           SampleClock& clock, AlertSink& alerts)
    : config_(std::move(config)),
      scheduler_(scheduler),
      transport_(transport),
      alerts_(alerts),
      delivery_(config_.delivery, scheduler, queue, clock),
      backoff_(config_.backoff, config_.backoff_seed),
      not_before_(config_.collectors.size()),
      random_(config_.backoff_seed),
      offline_since_(config_.offline_since.value_or(scheduler.Now())) {}

void Feed::Start() { Connect(); }

Endpoint Feed::NextCollector() {
  if (redirected_to_.empty()) {
    PassOver();
    return config_.collectors[next_collector_++ % config_.collectors.size()];
  }
  Endpoint next = std::move(redirected_to_.front());
  redirected_to_.pop_front();
  return next;
}

// Collectors that want to be asked later are passed over; when all do, the first that may be asked
// is not.
void Feed::PassOver() {
  const SteadyTime earliest = std::max(scheduler_.Now(), *std::ranges::min_element(not_before_));
  while (not_before_[next_collector_ % not_before_.size()] > earliest) ++next_collector_;
}

// Whether nobody is left in this round who may be asked at once.
bool Feed::RoundIsOver() {
  const auto place = [this] { return next_collector_ % not_before_.size(); };
  while (place() != 0 && not_before_[place()] > scheduler_.Now()) ++next_collector_;
  return place() == 0;
}

// A collector that was reached by a redirect and is not configured is not asked again anyway.
void Feed::NoteRetryAfter(const Error& why) {
  const auto found = std::ranges::find(config_.collectors, collector_);
  if (why.retry_after.count() <= 0 || found == config_.collectors.end()) return;
  not_before_[static_cast<std::size_t>(found - config_.collectors.begin())] =
      scheduler_.Now() + std::min(why.retry_after, kMostToldWait);
}

void Feed::Connect() {
  ++turns_;
  ++attempts_;
  collector_ = NextCollector();
  state_ = State::kOpening;
  features_.reset();
  redirect_.reset();
  confirmed_ = was_healthy_ = half_closed_ = false;
  WatchConnect();
  AwaitAnswer(false);
  connection_ = transport_.Open(collector_, *this);
}

void Feed::AwaitAnswer(bool was_established) {
  answer_deadline_ = scheduler_.RunAfter(config_.answer_timeout, [this, was_established] {
    if (was_established && !know_batches_.contains(ToString(collector_))) return BeginStreaming();
    AwaitAnswer(connection_->established());
  });
}

void Feed::WatchConnect() {
  connect_deadline_ = scheduler_.RunAfter(config_.connect_timeout, [this] {
    // An original server that has been sent nothing yet has nothing to show.
    if (!delivery_.sending() && state_ == State::kStreaming) return WatchConnect();
    const Trouble trouble = connection_->established() ? Trouble::kSilent : Trouble::kTcp;
    GiveUp("no connection within " + FormatDuration(config_.connect_timeout), trouble);
  });
}

void Feed::OnAnswered(const Features& features) {
  features_ = features;
  if (features.batches) know_batches_.insert(ToString(collector_));
  Confirm();
  if (state_ == State::kStreaming && Batches()) {  // So late that it was taken for an original.
    return delivery_.Begin(*connection_, Dialect::kBatches);
  }
  BeginStreaming();
}

void Feed::BeginStreaming() {
  if (state_ != State::kOpening) return;
  state_ = State::kStreaming;
  answer_deadline_.Cancel();
  if (!Batches()) last_sign_ = scheduler_.Now();  // An original server owes us nothing until now.
  delivery_.Begin(*connection_, Batches() ? Dialect::kBatches : Dialect::kOriginal);
}

// The connection has carried something.
void Feed::Confirm() {
  last_sign_ = scheduler_.Now();
  if (std::exchange(confirmed_, true)) return;
  ++connects_;
  connected_since_ = scheduler_.Now();
  LogConnected();
  connect_deadline_.Cancel();
  healthy_ = scheduler_.RunAfter(config_.healthy_after, [this] {
    was_healthy_ = true;
    backoff_.Reset();
  });
  CheckLiveness();
}

void Feed::Wake() {
  if (half_closed_) return;
  const bool was_sending = delivery_.sending();
  delivery_.Wake();
  if (!Batches() && !was_sending) last_sign_ = scheduler_.Now();
}

void Feed::OnSent() {
  if (!Batches()) {
    last_sign_ = scheduler_.Now();
    Confirm();
  }
  delivery_.OnSent();
  HalfCloseWhenDrained();
}

void Feed::OnReply(const FeedReply& reply) {
  ++turns_;
  last_sign_ = scheduler_.Now();
  if (reply.alert) TakeAlert(*reply.alert);
  if (reply.redirect) Follow(*reply.redirect);
  delivery_.OnReply(reply);
}

// One that comes again was not acknowledged in time. Numbers are compared as they are: another
// collector has its own.
void Feed::TakeAlert(const Alert& alert) {
  if (alert.number != 0) {
    connection_->TakeAlerts(alert.number);
    if (std::ranges::find(taken_alerts_, alert.number) != taken_alerts_.end()) return;
    taken_alerts_.push_back(alert.number);
    if (taken_alerts_.size() > kRememberedAlerts) taken_alerts_.pop_front();
  }
  alerts_.Accept(alert);
}

// The collector ends the feed right after it has said so.
void Feed::Follow(const Redirect& redirect) {
  redirect_ = redirect;
  redirect_->after = std::min(redirect.after, kMostToldWait);
  redirect_->spread = std::min(redirect.spread, kMostToldWait);
  redirected_to_.clear();
  for (const std::string& address : redirect.addresses) {
    if (auto endpoint = ParseEndpoint(address)) redirected_to_.push_back(std::move(*endpoint));
  }
}

// A collector that acknowledges shows signs of life by itself while samples flow; a quiet feed asks
// for one. An original server shows none: there, only a write that does not leave tells.
void Feed::CheckLiveness() {
  ++turns_;
  const SteadyTime now = scheduler_.Now();
  const auto silent = now - last_sign_;
  if (silent >= config_.dead_after && (Batches() || delivery_.sending())) {
    return GiveUp("no sign of life for " + FormatDuration(WholeSeconds(silent)), Trouble::kSilent);
  }
  const auto waiting_since = Batches() ? delivery_.waiting_since() : std::nullopt;
  if (waiting_since && now - *waiting_since >= config_.ack_timeout) {
    return GiveUp("no acknowledgement for " + FormatDuration(WholeSeconds(now - *waiting_since)),
                  Trouble::kSilent);
  }
  if (silent >= config_.delivery.speaks_every && Batches() && !delivery_.sending())
    delivery_.Ping();
  SteadyTime next = now + config_.delivery.speaks_every;
  if (silent < config_.delivery.speaks_every) {
    next = last_sign_ + config_.delivery.speaks_every;
  } else if (silent < config_.dead_after) {
    next = last_sign_ + config_.dead_after;
  }
  if (waiting_since) next = std::min(next, *waiting_since + config_.ack_timeout);
  liveness_ = scheduler_.RunAt(next, [this] { CheckLiveness(); });
}

void Feed::GiveUp(std::string_view why, Trouble trouble) {
  OnClosed(Error{Code::kDeadlineExceeded, std::string(why)}, trouble);
}

void Feed::OnClosed(const Error& why, Trouble trouble) {
  // As it was asked to. But a collector that goes away itself says where to go.
  if (state_ == State::kMoving && !redirect_) return MoveOn();
  NoteOffline(why, trouble);
  NoteRetryAfter(why);
  EndConnection();
  if (state_ == State::kStopping) return FinishStop();
  LogLost(why);
  state_ = State::kWaiting;
  next_attempt_ = scheduler_.Now() + WaitBeforeNext();
  reconnect_ = scheduler_.RunAt(next_attempt_, [this] { Connect(); });
}

// A collector that lets the feed in, and then takes nothing, was no connection.
void Feed::NoteOffline(const Error& why, Trouble trouble) {
  if (confirmed_ && (was_healthy_ || delivery_.acknowledged())) {
    offline_since_ = scheduler_.Now();
    attempts_ = 0;
  }
  last_failure_ = {trouble, why};
}

std::chrono::milliseconds Feed::WaitBeforeNext() {
  if (redirect_) {
    std::uniform_int_distribution<std::int64_t> part(0, redirect_->spread.count());
    return redirect_->after + std::chrono::milliseconds(part(random_));
  }
  // Several collectors are tried one right after another; only a full round waits.
  if (!redirected_to_.empty()) return std::chrono::milliseconds(0);
  if (!RoundIsOver() && !was_healthy_) return std::chrono::milliseconds(0);
  // What a collector asks for, it asks of many: each adds what it would have waited anyway.
  const SteadyTime::duration told = *std::ranges::min_element(not_before_) - scheduler_.Now();
  return std::chrono::ceil<std::chrono::milliseconds>(
             std::max(told, SteadyTime::duration::zero())) +
         backoff_.Next();
}

void Feed::EndConnection() {
  connect_deadline_.Cancel();
  answer_deadline_.Cancel();
  healthy_.Cancel();
  liveness_.Cancel();
  move_deadline_.Cancel();
  confirmed_ = false;
  delivery_.End();
  connection_.reset();
}

void Feed::Renew() {
  if (state_ == State::kOpening) return MoveOn();  // Nothing has been sent.
  if (state_ != State::kStreaming) return;         // The next connection is new anyway.
  state_ = State::kMoving;
  delivery_.Hold();
  move_deadline_ = scheduler_.RunAfter(config_.move_timeout, [this] { MoveOn(); });
  HalfCloseWhenDrained();
}

void Feed::MoveOn() {
  if (confirmed_) {
    offline_since_ = scheduler_.Now();
    attempts_ = 0;
  }
  EndConnection();
  redirected_to_.push_front(collector_);
  Connect();
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
  move_deadline_.Cancel();
  delivery_.Finish();
  HalfCloseWhenDrained();
  stop_deadline_ = scheduler_.RunAfter(grace, [this] {
    EndConnection();
    FinishStop();
  });
}

// Nothing may be sent after the half-close.
void Feed::HalfCloseWhenDrained() {
  if (state_ != State::kStopping && state_ != State::kMoving) return;
  if (!delivery_.finished() || half_closed_) return;
  half_closed_ = true;
  connection_->HalfClose();
}

void Feed::FinishStop() {
  state_ = State::kStopped;
  stop_deadline_.Cancel();
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

std::string Feed::Describe() const {
  if (confirmed_) return "connected to " + ToString(collector_);
  if (!lost_since_) return "connecting to " + ToString(collector_);
  return "no collector for " + FormatDuration(WholeSeconds(scheduler_.Now() - *lost_since_)) +
         ": " + last_loss_;
}

FeedStatus Feed::status() const {
  FeedStatus status{.connected = confirmed_, .collector = collector_, .since = offline_since_};
  if (confirmed_) {
    status.since = connected_since_;
    return status;
  }
  status.attempts = attempts_;
  status.last_failure = last_failure_;
  if (state_ == State::kWaiting) status.next_attempt = next_attempt_;
  return status;
}

void Feed::LogConnected() {
  const auto lost_since = std::exchange(lost_since_, std::nullopt);
  if (quiet_) return;
  if (!lost_since) return spdlog::info("connected to {}", ToString(collector_));
  spdlog::info("connected to {} after {}", ToString(collector_),
               FormatDuration(WholeSeconds(scheduler_.Now() - *lost_since)));
}

}  // namespace edgefeed
