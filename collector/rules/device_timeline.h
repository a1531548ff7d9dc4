#pragma once

#include <chrono>
#include <optional>

#include "common/base/clock.h"

namespace edgefeed {

// The times of a device's samples, as a line that only goes forward. A clock that is set back, or a
// sample that overtook another, counts as no time passed, and the time goes on from there: nothing
// that waits waits for longer than it should.
class DeviceTimeline {
 public:
  struct Step {
    WallTime time;           // Of the sample, on the line.
    bool after_gap = false;  // So long after the sample before that there must be some missing.
  };
  Step Advance(WallTime sample_time);

 private:
  std::optional<WallTime> last_;           // On the line.
  std::chrono::milliseconds ahead_{0};     // Of the device's clock: what it was set back.
  std::chrono::milliseconds interval_{0};  // Between the last two samples.
};

}  // namespace edgefeed
