#include "collector/rpc/feed_replies.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace edgefeed {
namespace {

// Acknowledging each payload would double the writes. Agents write to their flash what is not
// acknowledged within 10 s.
constexpr std::chrono::milliseconds kAcknowledgeEvery{4000};
// … but a drained backlog makes room in the agent's outbox.
constexpr std::uint64_t kAcknowledgeAtLeastEach = 600;
constexpr std::chrono::minutes kTimeEvery{10};
constexpr std::size_t kMostRejections = 1024;

}  // namespace

void FeedReplies::Greet(Welcome welcome) {
  if (features_.batches) welcome_ = std::move(welcome);
}

void FeedReplies::Reject(std::vector<Rejection> rejected) {
  if (features_.batches) std::ranges::move(rejected, std::back_inserter(rejected_));
}

void FeedReplies::Leave(const Redirect& redirect) {
  if (features_.batches) redirect_ = redirect;
}

void FeedReplies::Stored(const StreamPosition& position, SteadyTime now) {
  if (!features_.batches) return;
  progress_.Stored(position);
  if (progress_.unreported() >= kAcknowledgeAtLeastEach || now >= acknowledge_by()) {
    AcknowledgeStored();
  }
}

std::optional<SteadyTime> FeedReplies::acknowledge_by() const {
  if (progress_.unreported() == 0) return std::nullopt;
  return acknowledged_ + kAcknowledgeEvery;
}

void FeedReplies::AcknowledgeStored() { is_due_ = is_due_ || progress_.unreported() > 0; }

bool FeedReplies::is_due() const { return is_due_ || welcome_ || !rejected_.empty() || redirect_; }

bool FeedReplies::is_full() const { return rejected_.size() >= kMostRejections; }

FeedReply FeedReplies::Take(const Alert* alert, SteadyTime now, WallTime wall) {
  FeedReply reply;
  if (alert != nullptr) reply.alert = Known(*alert);
  if (!features_.batches) return reply;
  reply.welcome = std::exchange(welcome_, std::nullopt);
  reply.rejected = std::exchange(rejected_, {});
  reply.redirect = std::exchange(redirect_, std::nullopt);
  reply.stored = progress_.TakeUnreported();
  reply.server_time = TimeIfDue(now, wall);
  if (!reply.stored.empty()) acknowledged_ = now;
  is_due_ = false;
  return reply;
}

// What of an alert the client knows.
Alert FeedReplies::Known(Alert alert) const {
  if (!features_.batches) alert.severity.reset();
  if (!features_.alerts) alert.number = 0;
  return alert;
}

// Devices whose clock is not synchronised go by ours.
std::optional<WallTime> FeedReplies::TimeIfDue(SteadyTime now, WallTime wall) {
  if (time_told_ && now - *time_told_ < kTimeEvery) return std::nullopt;
  time_told_ = now;
  return wall;
}

}  // namespace edgefeed
