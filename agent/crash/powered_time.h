#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "common/runtime/scheduler.h"

namespace edgefeed {

// How long the device has been on, over all its boots since the agent first ran: what "five an
// hour" and "for seven days" are measured by. Nobody can set it, and it never jumps; what was on
// between the last note on disk and a power cut is not in it.
using PoweredTime = std::chrono::milliseconds;

// What is noted on disk.
struct PoweredMark {
  std::string boot_id;
  PoweredTime time{0};
  std::chrono::milliseconds since_boot{0};
};

class PoweredClock {
 public:
  // `scheduler` must outlive it.
  PoweredClock(Scheduler& scheduler, std::string boot_id)
      : scheduler_(scheduler), boot_id_(std::move(boot_id)) {}

  // Goes on from a note of this boot, or of an earlier one.
  void Resume(const PoweredMark& mark) {
    at_boot_ = mark.boot_id == boot_id_ ? mark.time - mark.since_boot : mark.time;
  }
  [[nodiscard]] PoweredTime Now() const { return at_boot_ + scheduler_.SinceBoot(); }
  [[nodiscard]] PoweredMark Mark() const {
    return {.boot_id = boot_id_, .time = Now(), .since_boot = scheduler_.SinceBoot()};
  }

 private:
  Scheduler& scheduler_;
  std::string boot_id_;
  PoweredTime at_boot_{0};
};

}  // namespace edgefeed
