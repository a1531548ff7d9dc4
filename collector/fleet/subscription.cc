#include "collector/fleet/subscription.h"

#include <utility>

namespace edgefeed {

Subscription::Subscription(Fleet& fleet, Scheduler& scheduler, SubscriptionConfig config,
                           Deliver deliver)
    : fleet_(fleet),
      scheduler_(scheduler),
      config_(std::move(config)),
      deliver_(std::move(deliver)),
      due_(scheduler.Now()) {
  fleet_.AddListener(config_.device, *this);
}

Subscription::~Subscription() { fleet_.RemoveListener(config_.device, *this); }

void Subscription::Ready() {
  ready_ = true;
  DeliverWhenDue();
}

void Subscription::DeliverWhenDue() {
  if (!ready_ || timer_set_) return;
  const SteadyTime now = scheduler_.Now();
  if (next_block_ == 0 && now < due_) {
    timer_set_ = true;
    timer_ = scheduler_.RunAt(due_, [this] {
      timer_set_ = false;
      DeliverWhenDue();
    });
    return;
  }
  std::vector<DeviceSnapshot> newer = Collect();
  if (newer.empty()) return;
  due_ = now + config_.interval;  // The last delivery of a round counts: no device comes too early.
  ready_ = false;
  deliver_(std::move(newer));
}

std::vector<DeviceSnapshot> Subscription::Collect() {
  if (config_.device.empty()) return CollectNextBlock();
  return fleet_.NewerThan(config_.device, cursor_, config_.detail);
}

// The next block of the round that holds anything new; nothing when the round is over.
std::vector<DeviceSnapshot> Subscription::CollectNextBlock() {
  cursors_.resize(fleet_.blocks());
  while (next_block_ < cursors_.size()) {
    const std::size_t block = next_block_++;
    auto newer = fleet_.NewerThan(block, cursors_[block], config_.detail);
    if (newer.empty()) continue;
    if (next_block_ == cursors_.size()) next_block_ = 0;
    return newer;
  }
  next_block_ = 0;
  return {};
}

}  // namespace edgefeed
