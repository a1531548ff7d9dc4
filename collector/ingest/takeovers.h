#pragma once

#include <chrono>
#include <deque>

#include "common/base/clock.h"

namespace edgefeed {

// Tells a device that reconnects from two devices that fight over one name: the latter take the
// name from each other while the other is still sending, again and again.
class Takeovers {
 public:
  // A new feed takes the name from one that was still sending.
  void Contested(SteadyTime now);
  // Too many of those lately: the one that has the name keeps it.
  [[nodiscard]] bool InConflict(SteadyTime now) const;

  static constexpr std::size_t kAllowed = 3;
  static constexpr std::chrono::minutes kWithin{5};

 private:
  std::deque<SteadyTime> contested_;  // At most kAllowed, newest last.
};

}  // namespace edgefeed
