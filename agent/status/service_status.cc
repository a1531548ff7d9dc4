#include "agent/status/service_status.h"

#include <algorithm>
#include <utility>

namespace edgefeed {
namespace {

constexpr std::chrono::milliseconds kLookEvery{10'000};

}  // namespace

bool ServiceStatus::Progress::Check(std::uint64_t value, SteadyTime now) {
  if (std::exchange(value_, value) != value) since_ = now;
  return now - since_ <= within_;
}

ServiceStatus::ServiceStatus(Scheduler& scheduler, const ServiceStatusConfig& config, Look look,
                             Tell tell)
    : scheduler_(scheduler),
      config_(config),
      look_(std::move(look)),
      tell_(std::move(tell)),
      samples_(config.sample_within, scheduler.Now()),
      feed_(config.feed_turn_within, scheduler.Now()) {
  Check();
}

void ServiceStatus::Check() {
  const SteadyTime now = scheduler_.Now();
  const AgentMoment moment = look_();
  const bool samples = samples_.Check(moment.samples_taken, now);
  const bool feed = feed_.Check(moment.feed_turns, now);
  std::string status = "STATUS=" + moment.summary;
  if (!samples) status += "; takes no samples";
  if (!feed) status += "; the feed stands still";
  if (std::exchange(told_, status) != status) tell_(told_);
  if (config_.watchdog && samples && feed) tell_("WATCHDOG=1");
  // A third: one that is late is no reason for a restart.
  const auto every = config_.watchdog ? std::min(kLookEvery, *config_.watchdog / 3) : kLookEvery;
  next_ = scheduler_.RunAfter(every, [this] { Check(); });
}

}  // namespace edgefeed
