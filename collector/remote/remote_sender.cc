#include "collector/remote/remote_sender.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/remote/remote_request.h"
#include "common/base/units.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr BackoffConfig kBackoff{.first = 500ms, .cap = 30'000ms};
constexpr std::chrono::seconds kMaxRetryAfter{600};

std::size_t ValuesOf(const StoredSample& sample) { return sample.sample.readings.size() + 2; }

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

RemoteSender::RemoteSender(RemoteWriteConfig config, RemoteCursor cursor, Scheduler& strand,
                           Post post, RemoteWriteStats& stats, std::uint64_t seed)
    : config_(std::move(config)),
      cursor_(std::move(cursor)),
      strand_(strand),
      post_(std::move(post)),
      stats_(stats),
      backoff_(kBackoff, seed),
      last_batch_(strand.Now() - config_.batch_interval) {}

void RemoteSender::Start(std::unique_ptr<StoredSamples> reader) {
  reader_ = std::move(reader);
  Again();
}

void RemoteSender::Again() {
  if (std::exchange(is_posted_, true)) return;
  // Unlike a posted task, a timer goes with the sender.
  again_ = strand_.RunAfter(0ms, [this] {
    is_posted_ = false;
    Pump();
  });
}

void RemoteSender::Pump() {
  if (reader_ == nullptr || is_posted_ || (timer_is_set_ && failing_)) return;
  if (delivery_ != nullptr) return SendOne();
  switch (Fill()) {
    case Filled::kNothing: return;
    case Filled::kAgain: return Again();
    case Filled::kReady: break;
  }
  TakeBatch();
  SendOne();
}

RemoteSender::Filled RemoteSender::Fill() {
  if (waiting_values_ < config_.batch_size) {
    if (const Status read = ReadMore(); !read) {
      Fail(read.error().message, std::nullopt);
      return Filled::kNothing;
    }
  }
  if (!waiting_.empty() && waiting_.front().place <= expired_) {
    LeaveOutExpired();
    return Filled::kAgain;
  }
  stats_.oldest_unsent_ms = waiting_.empty() ? 0 : UnixMillis(waiting_.front().received);
  if (waiting_.empty()) return Filled::kNothing;
  const auto since = std::chrono::ceil<std::chrono::milliseconds>(strand_.Now() - last_batch_);
  if (waiting_values_ >= config_.batch_size || since >= config_.batch_interval) {
    return Filled::kReady;
  }
  WaitFor(config_.batch_interval - since);
  return Filled::kNothing;
}

Status RemoteSender::ReadMore() {
  auto run = reader_->Next(config_.batch_size - waiting_values_);
  if (!run) return run.error();
  Drop(RemoteDrop::kUnreadable, run->unreadable);
  for (StoredSample& sample : run->samples) {
    waiting_values_ += ValuesOf(sample);
    waiting_.push_back(std::move(sample));
  }
  return {};
}

void RemoteSender::LeaveOutExpired() {
  std::uint64_t place = 0;
  while (!waiting_.empty() && waiting_.front().place <= expired_) {
    place = waiting_.front().place;
    const std::size_t values = ValuesOf(waiting_.front());
    waiting_values_ -= values;
    Drop(RemoteDrop::kRetention, values);
    waiting_.pop_front();
  }
  SaveCursor(place);
}

void RemoteSender::TakeBatch() {
  std::vector<StoredSample> samples;
  std::size_t values = 0;
  while (!waiting_.empty()) {
    const std::size_t more = ValuesOf(waiting_.front());
    if (!samples.empty() && values + more > config_.batch_size) break;
    values += more;
    samples.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  waiting_values_ -= values;
  // Said once, until a whole batch was taken.
  refusing_ = std::exchange(batch_refused_, false);
  delivery_ = std::make_unique<RemoteDelivery>(std::move(samples), *reader_, headline_, newest_);
}

void RemoteSender::SendOne() {
  timer_.Cancel();
  timer_is_set_ = false;
  last_batch_ = strand_.Now();
  const auto request = MakeRemoteRequest(config_, delivery_->Next());
  const auto response = request ? post_(*request) : request.error();
  if (!response) {
    // The collector is stopping.
    if (response.error().code == Code::kCancelled) return;
    return Fail(response.error().message, std::nullopt);
  }
  TakeAnswer(*response);
}

void RemoteSender::TakeAnswer(const HttpClient::Response& response) {
  const RemoteAnswer answer = ReadAnswer(response);
  const std::string said =
      std::to_string(response.status) + " " + std::string(FirstLine(response.body));
  const std::size_t values = delivery_->Next().size();
  switch (answer.kind) {
    case RemoteAnswer::Kind::kLater: return Fail(said, response.retry_after);
    case RemoteAnswer::Kind::kTaken:
      delivery_->Taken();
      stats_.values_sent += values;
      break;
    case RemoteAnswer::Kind::kTooLarge: Drop(RemoteDrop::kRefused, delivery_->TooLarge()); break;
    case RemoteAnswer::Kind::kRefused:
      batch_refused_ = true;
      if (!std::exchange(refusing_, true)) {
        spdlog::warn("remote write {}: some values are refused: {}", config_.name, said);
      }
      Drop(answer.why, delivery_->Refused(answer.why));
      break;
  }
  backoff_.Reset();
  if (std::exchange(failing_, false)) {
    spdlog::info("remote write {}: takes values again", config_.name);
  }
  if (delivery_->done()) Settle();
  Again();
}

void RemoteSender::Settle() {
  const std::uint64_t place = delivery_->samples().back().place;
  delivery_.reset();
  SaveCursor(place);
  stats_.oldest_unsent_ms = waiting_.empty() ? 0 : UnixMillis(waiting_.front().received);
}

void RemoteSender::SaveCursor(std::uint64_t place) {
  const Status saved = cursor_.Save(place);
  if (!saved && !cursor_failing_) {
    spdlog::error("remote write {}: {}", config_.name, saved.error().message);
  }
  cursor_failing_ = !saved;
  // What a crash would send again must still be there.
  if (saved) reader_->Done(place);
}

void RemoteSender::Fail(const std::string& why, std::optional<std::chrono::seconds> retry_after) {
  ++stats_.requests_failed;
  if (!std::exchange(failing_, true)) {
    spdlog::warn("remote write {}: {}; it is tried again", config_.name, why);
  }
  expired_ = std::max(expired_, reader_->ExpiredUpTo());
  if (delivery_ != nullptr && delivery_->samples().back().place <= expired_) {
    Drop(RemoteDrop::kRetention, delivery_->values());
    Settle();
  }
  WaitFor(std::max<std::chrono::milliseconds>(backoff_.Next(),
                                              std::min(retry_after.value_or(0s), kMaxRetryAfter)));
}

void RemoteSender::WaitFor(std::chrono::milliseconds time) {
  timer_is_set_ = true;
  timer_ = strand_.RunAfter(time, [this] {
    timer_is_set_ = false;
    Pump();
  });
}

void RemoteSender::Drop(RemoteDrop why, std::uint64_t values) {
  stats_.values_dropped[static_cast<std::size_t>(why)] += values;
}

}  // namespace edgefeed
