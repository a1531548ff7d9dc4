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

  // What another run of the collector must know to go on with it.
  struct Memory {
    std::optional<WallTime> last;
    std::chrono::milliseconds ahead{0};
    std::chrono::milliseconds interval{0};
    friend bool operator==(const Memory&, const Memory&) = default;
  };
  [[nodiscard]] Memory memory() const { return {last_, ahead_, interval_}; }
  // Goes on from there: the time to the next sample is no gap, because `memory` may be old.
  void Resume(const Memory& memory);

 private:
  std::optional<WallTime> last_;           // On the line.
  std::chrono::milliseconds ahead_{0};     // Of the device's clock: what it was set back.
  std::chrono::milliseconds interval_{0};  // Between the last two samples.
  bool resumed_ = false;                   // There was no sample since Resume().
};

}  // namespace edgefeed
