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
  if (!in_round_ && now < due_) {
    timer_set_ = true;
    timer_ = scheduler_.RunAt(due_, [this] {
      timer_set_ = false;
      DeliverWhenDue();
    });
    return;
  }
  std::vector<DeviceSnapshot> newer = Collect();
  if (!in_round_ && !newer.empty()) due_ = now + config_.interval;
  in_round_ = newer.size() == kBatch;
  if (newer.empty()) return;
  ready_ = false;
  deliver_(std::move(newer));
}

std::vector<DeviceSnapshot> Subscription::Collect() {
  if (config_.device.empty()) return fleet_.NewerThan(cursor_, kBatch, config_.detail);
  return fleet_.NewerThan(config_.device, cursor_, config_.detail);
}

}  // namespace edgefeed
