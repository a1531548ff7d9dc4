#pragma once

#include <functional>
#include <string>
#include <vector>

#include "collector/fleet/fleet.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

struct SubscriptionConfig {
  std::string device;  // Empty: every device of the shard.
  std::chrono::milliseconds interval{1000};
  Detail detail = Detail::kHeadline;
};

// Pushes the newest samples of one shard to one reader: the first at once, then each newer one, at
// most one per interval and device. A large fleet comes in several deliveries, one block of devices
// after another: however slow the reader, each device has its turn. A reader that is slow costs no
// memory: what is delivered is read from the fleet at the moment of delivery, so it gets the newest
// and misses those between. On the shard's engine strand.
class Subscription final : private FleetListener {
 public:
  using Deliver = std::function<void(std::vector<DeviceSnapshot>)>;

  // `fleet` and `scheduler` must outlive it. Precondition: the device is known.
  Subscription(Fleet& fleet, Scheduler& scheduler, SubscriptionConfig config, Deliver deliver);
  ~Subscription() override;
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // The reader has dealt with the last delivery, or is new. Nothing is delivered without.
  void Ready();

 private:
  void OnChanged() override { DeliverWhenDue(); }
  void DeliverWhenDue();
  [[nodiscard]] std::vector<DeviceSnapshot> Collect();
  [[nodiscard]] std::vector<DeviceSnapshot> CollectNextBlock();

  Fleet& fleet_;
  Scheduler& scheduler_;
  SubscriptionConfig config_;
  Deliver deliver_;
  Fleet::Version cursor_ = 0;            // Of the one device …
  std::vector<Fleet::Version> cursors_;  // … or of each block of the fleet.
  std::size_t next_block_ = 0;           // Not 0: a round through the fleet is under way.
  bool ready_ = false;
  bool timer_set_ = false;
  SteadyTime due_;
  Timer timer_;
};

}  // namespace edgefeed
