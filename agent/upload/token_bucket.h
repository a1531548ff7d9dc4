#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/clock.h"
#include "common/base/units.h"

namespace edgefeed {

// Keeps a rate over time, with bursts: what was not used lately may go at once, up to `burst`.
class TokenBucket {
 public:
  // Bytes a second; 0: no limit.
  TokenBucket(Bytes rate, Bytes burst) : rate_(rate), burst_(burst) {}

  // How long until the next bytes may go; 0: they may now.
  [[nodiscard]] std::chrono::nanoseconds WaitAt(SteadyTime now) const;
  // So many went. They may be more than there was room for: the next wait is longer then.
  void Take(Bytes bytes, SteadyTime now);

 private:
  Bytes rate_;
  Bytes burst_;
  // When all that went will have been paid for; before now: the bucket fills up.
  SteadyTime paid_;
};

}  // namespace edgefeed
