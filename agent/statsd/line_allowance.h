#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "common/base/clock.h"

namespace edgefeed {

// Lines that may still be taken: `rate` a second, and as many at once after a quiet second.
class LineAllowance {
 public:
  // True: this one may.
  bool Take(SteadyTime now, double rate) {
    if (last_) left_ += rate * std::chrono::duration<double>(now - *last_).count();
    left_ = last_ ? std::min(left_, rate) : rate;
    last_ = now;
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  std::optional<SteadyTime> last_;
  double left_ = 0;
};

}  // namespace edgefeed
