#include "collector/notify/courier.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>

#include "common/base/units.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr BackoffConfig kBackoff{.first = 1s, .cap = 60s};
constexpr std::size_t kMaxAnswerInLog = 200;

// What a stranger says, on one line of the log.
std::string ForLog(const HttpClient::Response& response) {
  std::string text = "HTTP " + std::to_string(response.status);
  if (response.body.empty()) return text;
  std::string body = response.body.substr(0, kMaxAnswerInLog);
  std::ranges::replace_if(body, [](unsigned char c) { return std::isprint(c) == 0; }, ' ');
  return text + ": " + body;
}

}  // namespace

Courier::Courier(Parts parts) : parts_(std::move(parts)), backoff_(kBackoff, parts_.seed) {}

void Courier::Deliver(std::vector<Parcel> parcels) {
  auto given = std::make_shared<std::vector<Parcel>>(std::move(parcels));
  parts_.strand.Post([this, given] {
    std::ranges::move(*given, std::back_inserter(waiting_));
    if (!std::exchange(working_, true)) Work();
  });
}

void Courier::Remind(std::vector<Notification> firing) {
  auto given = std::make_shared<std::vector<Notification>>(std::move(firing));
  parts_.strand.Post([this, given] {
    if (stopped_) return;
    const Outcome outcome = Send(parts_.receiver.Remind(*given, parts_.strand.WallNow()));
    if (stopped_) return;
    if (outcome.answer == Answer::kTaken) {
      Worked();
      return parts_.reminded({});
    }
    ++parts_.stats.retried;  // In a minute.
    if (outcome.answer == Answer::kRefused) {
      // One of them is wrong; it has taken the others.
      if (!std::exchange(refusing_, true)) {
        spdlog::error("receiver {}: refuses a reminder: {}", parts_.stats.name, outcome.why);
      }
      return parts_.reminded({});
    }
    Failed(outcome.why);
    parts_.reminded(Error{Code::kUnavailable, outcome.why});
  });
}

void Courier::Stop() {
  stopped_ = true;
  retry_.Cancel();
  waiting_.clear();
}

// By way of the queue, so that reminders and Stop() have their turn.
void Courier::Continue() {
  parts_.strand.Post([this] { Work(); });
}

void Courier::Work() {
  if (stopped_ || waiting_.empty()) {
    working_ = false;
    return;
  }
  if (!first_try_) first_try_ = parts_.strand.Now();
  const Parcel& parcel = waiting_.front();
  const Outcome outcome = Try(parcel);
  if (stopped_) return;
  if (outcome.answer == Answer::kTaken) {
    ++parts_.stats.sent;
    refusing_ = false;
    Worked();
    return Settle();
  }
  const bool refused = outcome.answer == Answer::kRefused ||
                       (outcome.answer == Answer::kMisplaced && LastedTooLong());
  if (!refused) return Retry(outcome);
  Refused(parcel, outcome.why);
  Settle();
}

Courier::Outcome Courier::Try(const Parcel& parcel) {
  const auto request = parts_.receiver.Tell(parcel, parts_.strand.WallNow());
  if (!request)
    return {.answer = Answer::kLater, .why = request.error().message, .retry_after = {}};
  return Send(*request);
}

Courier::Outcome Courier::Send(const HttpClient::Request& request) {
  const auto response = parts_.post(request);
  if (!response) {
    if (response.error().code == Code::kCancelled) stopped_ = true;
    return {.answer = Answer::kLater, .why = response.error().message, .retry_after = {}};
  }
  return {.answer = AnswerOf(response->status),
          .why = ForLog(*response),
          .retry_after = response->retry_after};
}

bool Courier::LastedTooLong() const {
  return parts_.strand.Now() - *first_try_ >= kMisplacedPatience;
}

void Courier::Retry(const Outcome& outcome) {
  ++parts_.stats.retried;
  Failed(outcome.why);
  std::chrono::milliseconds wait = backoff_.Next();
  if (outcome.retry_after) {
    wait = std::max<std::chrono::milliseconds>(
        wait, std::min<std::chrono::seconds>(*outcome.retry_after, kMaxRetryAfter));
  }
  retry_ = parts_.strand.RunAfter(wait, [this] { Work(); });
}

void Courier::Settle() {
  const std::uint64_t number = waiting_.front().notification.number;
  waiting_.pop_front();
  first_try_.reset();
  backoff_.Reset();
  parts_.settled(number);
  Continue();
}

void Courier::Failed(const std::string& why) {
  if (failing_since_) return;
  failing_since_ = parts_.strand.Now();
  spdlog::warn("receiver {}: {}; what is for it waits", parts_.stats.name, why);
}

void Courier::Worked() {
  if (!failing_since_) return;
  const auto lasted =
      std::chrono::duration_cast<std::chrono::seconds>(parts_.strand.Now() - *failing_since_);
  failing_since_.reset();
  spdlog::info("receiver {}: takes notifications again, after {}", parts_.stats.name,
               FormatDuration(lasted));
}

void Courier::Refused(const Parcel& parcel, const std::string& why) {
  ++parts_.stats.refused;
  if (std::exchange(refusing_, true)) return;
  const Notification& notification = parcel.notification;
  spdlog::error("receiver {}: refuses notification {}, {} on {}: {}; further ones are only counted",
                parts_.stats.name, notification.number, notification.event.key.rule,
                notification.event.key.device, why);
}

}  // namespace edgefeed
