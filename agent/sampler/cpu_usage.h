#pragma once

#include <optional>

#include "agent/proc/kernel.h"

namespace edgefeed {

// Turns the kernel's ticks into the busy share of the time between two samples.
class CpuUsage {
 public:
  // Percent, 0–100, in hundredths. The first call only takes the base and returns 0. When no tick
  // has passed, or the counters went back (iowait may, and a CPU's do when it is unplugged), the
  // last value stands.
  double Update(const CpuTicks& now);

 private:
  std::optional<CpuTicks> base_;
  double percent_ = 0;
};

}  // namespace edgefeed
