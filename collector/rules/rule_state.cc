#include "collector/rules/rule_state.h"

#include <utility>

namespace edgefeed {

bool RuleState::Observe(bool breached, std::chrono::milliseconds repeat_interval, SteadyTime now) {
  if (!breached) {
    firing_ = false;
    return false;
  }
  if (std::exchange(firing_, true) && now - last_alert_ < repeat_interval) return false;
  last_alert_ = now;
  return true;
}

}  // namespace edgefeed
