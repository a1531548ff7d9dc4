#include "agent/feed/delivery.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace edgefeed {
namespace {

StreamId StreamOf(const SampleBatch& batch) { return batch.samples.front().position.stream; }

}  // namespace

Delivery::Delivery(const DeliveryConfig& config, Scheduler& scheduler, SampleQueue& queue,
                   SampleClock& clock)
    : config_(config), scheduler_(scheduler), queue_(queue), clock_(clock) {}

void Delivery::Begin(Connection& connection, Dialect dialect) {
  const bool same = connection_ == &connection;
  connection_ = &connection;
  dialect_ = dialect;
  sending_ = same && sending_;
  holding_ = false;
  welcomed_ = fetching_ = ping_due_ = batch_waits_ = false;
  waiting_since_.reset();
  acknowledged_ = same && acknowledged_;
  live_.samples.clear();
  backlog_.samples.clear();
  originals_.clear();
  const std::vector<StreamPosition> held = queue_.BeginConnection();
  if (dialect == Dialect::kBatches) {
    hello_ = held;
    hello_due_ = true;
  }
  Pump();
}

void Delivery::End() {
  connection_ = nullptr;
  sending_ = false;
  waiting_since_.reset();
  drain_timer_.Cancel();
  batch_timer_.Cancel();
}

void Delivery::Finish() {
  finishing_ = true;
  batch_waits_ = false;
  Pump();
}

bool Delivery::finished() const { return (finishing_ || holding_) && !sending_; }

void Delivery::OnSent() {
  sending_ = false;
  // An original collector never acknowledges: what it was sent is all we will know.
  if (const auto sent = std::exchange(sending_position_, {}); sent.stream != 0) {
    queue_.Acknowledge(sent);
    NoteProgress();
  }
  Pump();
}

void Delivery::OnReply(const FeedReply& reply) {
  std::vector<StreamPosition> stored = reply.stored;
  if (reply.welcome) std::ranges::copy(reply.welcome->stored, std::back_inserter(stored));
  for (const StreamPosition& position : stored) queue_.Acknowledge(position);
  for (const Rejection& rejection : reply.rejected) queue_.Reject(rejection.position);
  if (!reply.rejected.empty()) {
    spdlog::error("the collector refused {} samples, which are dropped: {}", reply.rejected.size(),
                  reply.rejected.front().reason);
  }
  if (!stored.empty() || !reply.rejected.empty()) NoteProgress();
  LearnTime(reply);
  if (reply.welcome) welcomed_ = true;
  Pump();
}

// Only the answer to the hello says how long the way was; later it is taken for short.
void Delivery::LearnTime(const FeedReply& reply) {
  if (!reply.server_time) return;
  const auto round_trip = reply.welcome ? scheduler_.Now() - hello_sent_ : SteadyTime::duration(0);
  clock_.Learn(*reply.server_time,
               std::chrono::duration_cast<std::chrono::milliseconds>(round_trip));
}

void Delivery::Ping() {
  ping_due_ = true;
  Pump();
}

void Delivery::NoteProgress() {
  acknowledged_ = true;
  waiting_since_ = queue_.unacknowledged() > 0 ? std::optional(scheduler_.Now()) : std::nullopt;
}

// Live samples go before everything else: they are what people look at.
void Delivery::Pump() {
  if (connection_ == nullptr || sending_ || holding_) return;
  if (dialect_ == Dialect::kOriginal) {
    PumpOriginal();
    return;
  }
  if (std::exchange(hello_due_, false)) {
    sending_ = true;
    hello_sent_ = scheduler_.Now();
    connection_->SendHello(hello_, config_.speaks_every);
    return;
  }
  if (PumpLive()) return;
  if (std::exchange(ping_due_, false)) {
    sending_ = true;
    connection_->SendPing();
    return;
  }
  if (welcomed_ && !finishing_) PumpBacklog();
}

bool Delivery::PumpLive() {
  // The collector's time comes with the welcome; before, a stamp could be of 1970, for ever.
  if (batch_waits_ || (!welcomed_ && !clock_.IsKnown())) return false;
  if (live_.samples.empty()) live_ = queue_.TakeLive(config_.batch_samples);
  if (live_.samples.empty()) return false;
  // A queue that holds too many streams shares one between the lanes: there order comes first.
  if (!backlog_.samples.empty() && StreamOf(backlog_) == StreamOf(live_)) {
    return Send(std::exchange(backlog_, {}));
  }
  Send(std::exchange(live_, {}));
  if (config_.batch_interval.count() > 0 && !finishing_) GatherBatch();
  return true;
}

// What has gathered may take several messages; only then the next ones wait.
void Delivery::GatherBatch() {
  live_ = queue_.TakeLive(config_.batch_samples);
  if (!live_.samples.empty()) return;
  batch_waits_ = true;
  batch_timer_ = scheduler_.RunAfter(config_.batch_interval, [this] {
    batch_waits_ = false;
    Pump();
  });
}

void Delivery::PumpBacklog() {
  if (backlog_.samples.empty()) return FetchBacklog();
  const SteadyTime now = scheduler_.Now();
  if (now < next_backlog_) {
    drain_timer_ = scheduler_.RunAt(next_backlog_, [this] { Pump(); });
    return;
  }
  if (config_.drain_rate > 0) {
    const auto pause = std::chrono::nanoseconds(std::chrono::seconds(1)) * backlog_.samples.size() /
                       config_.drain_rate;
    next_backlog_ = now + pause;
  }
  Send(std::exchange(backlog_, {}));
}

void Delivery::FetchBacklog() {
  if (fetching_ || !queue_.HasBacklog()) return;
  fetching_ = true;
  queue_.TakeBacklog(config_.batch_samples,
                     [this, alive = std::weak_ptr(alive_)](SampleBatch batch) {
                       if (alive.expired()) return;
                       fetching_ = false;
                       if (batch.samples.empty()) return;
                       if (dialect_ == Dialect::kBatches) {
                         backlog_ = std::move(batch);
                       } else {
                         std::ranges::move(batch.samples, std::back_inserter(originals_));
                       }
                       Pump();
                     });
}

bool Delivery::Send(SampleBatch batch) {
  if (batch.samples.empty()) return false;
  // As late as possible: by now more may be known of the time.
  for (Sample& sample : batch.samples) clock_.Stamp(sample);
  sending_ = true;
  if (!waiting_since_) waiting_since_ = scheduler_.Now();
  connection_->SendBatch(batch);
  return true;
}

void Delivery::PumpOriginal() {
  if (originals_.empty() && queue_.HasBacklog() && !finishing_) return FetchBacklog();
  if (originals_.empty()) {
    std::ranges::move(queue_.TakeLive(1).samples, std::back_inserter(originals_));
  }
  if (originals_.empty()) return;
  Sample sample = std::move(originals_.front());
  originals_.pop_front();
  clock_.Stamp(sample);
  sending_ = true;
  sending_position_ = sample.position;
  if (!waiting_since_) waiting_since_ = scheduler_.Now();
  connection_->SendOriginal(sample);
}

}  // namespace edgefeed
