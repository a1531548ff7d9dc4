#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "common/base/clock.h"

namespace edgefeed {

// What may be taken: `rate` a second, and `burst` at once after it was quiet for long enough.
class Allowance {
 public:
  // True: these may, and are taken.
  bool Take(SteadyTime now, double rate, double burst, double count = 1) {
    Refill(now, rate, burst);
    if (left_ < count) return false;
    left_ -= count;
    return true;
  }

  // Takes these whether they may or not. How long it is until there is something left to take.
  SteadyTime::duration Owe(SteadyTime now, double rate, double burst, double count) {
    Refill(now, rate, burst);
    left_ -= count;
    if (left_ >= 0) return {};
    return std::chrono::duration_cast<SteadyTime::duration>(
        std::chrono::duration<double>(-left_ / rate));
  }

 private:
  void Refill(SteadyTime now, double rate, double burst) {
    if (last_) left_ += rate * std::chrono::duration<double>(now - *last_).count();
    left_ = last_ ? std::min(left_, burst) : burst;
    last_ = now;
  }

  std::optional<SteadyTime> last_;
  double left_ = 0;
};

}  // namespace edgefeed
