#pragma once

#include <cstdint>
#include <optional>

#include "common/base/clock.h"

namespace edgefeed {

// What the agent has taken of what costs something.
struct Usage {
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t disk_written_bytes = 0;
};

// How much of that came since midnight (UTC), or since the agent's start if that came later. As
// exact as it is observed often: what came between the last observation of a day and the first of
// the next counts for the next.
class UsageToday {
 public:
  // `total`: since the start of the agent. `started`: when that was, by the clock that says that it
  // is `now`; a clock that is put right changes both, and a day that only seemed to end goes on.
  void Observe(const Usage& total, WallTime now, WallTime started);

  [[nodiscard]] Usage used() const;
  [[nodiscard]] WallTime since() const { return since_; }

 private:
  Usage total_;
  Usage before_;  // Of the days before.
  std::chrono::sys_days day_;
  WallTime since_;
};

}  // namespace edgefeed
