#pragma once

#include <chrono>
#include <cstddef>

#include "common/base/clock.h"

namespace edgefeed {

// Says when it is time to tell somebody that a certificate ends: once each 30 days, 7 days and
// 1 day before, and when it has ended. What was missed is not made up for: only the last is due.
class ExpiryNotice {
 public:
  enum class Due { kNothing, kSoon, kExpired };

  // With each call it is taken for told.
  Due Look(WallTime now, WallTime not_after);

 private:
  WallTime of_;           // What was looked at last: another certificate begins anew.
  std::size_t told_ = 0;  // Steps of this one.
};

}  // namespace edgefeed
