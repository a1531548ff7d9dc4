#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"

namespace edgefeed {

// What this process takes from its machine.
struct ProcessUsage {
  double cpu_seconds = 0;  // User and system.
  double start_time_unix_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
};

Result<ProcessUsage> ReadProcessUsage();

// The machine's constants that /proc/PID/stat is counted in.
struct ProcUnits {
  double ticks_per_second = 100;
  std::uint64_t page_bytes = 4096;
};

// The part of it that /proc/self/stat and /proc/stat tell.
Result<ProcessUsage> ParseProcessStat(std::string_view self_stat, std::string_view stat,
                                      const ProcUnits& units);

}  // namespace edgefeed
