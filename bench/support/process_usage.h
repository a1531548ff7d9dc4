#pragma once

#include <sys/types.h>

#include <chrono>

#include "common/base/result.h"
#include "common/base/units.h"

namespace edgefeed::bench {

// CPU time that a process has used so far: utime + stime of /proc/PID/stat, but in ns and not in
// ticks of 10 ms, which a device that sends once a second does not fill.
Result<std::chrono::nanoseconds> CpuTime(pid_t pid);

// Resident memory of a process, counted page by page (RSS in /proc/PID/status is only near since
// Linux 6.2).
Result<Bytes> ResidentSize(pid_t pid);

}  // namespace edgefeed::bench
