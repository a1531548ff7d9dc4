#pragma once

#include <chrono>

#include "common/base/clock.h"

namespace edgefeed {

// One rule on one series of one device.
class RuleState {
 public:
  // Takes one value's verdict. True when an alert is due: the rule starts to fire, or has fired for
  // another `repeat_interval`.
  bool Observe(bool breached, std::chrono::milliseconds repeat_interval, SteadyTime now);

  [[nodiscard]] bool firing() const { return firing_; }

 private:
  bool firing_ = false;
  SteadyTime last_alert_;
};

}  // namespace edgefeed
