#pragma once

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// /sys/devices/system/cpu: how fast each CPU runs, and how often heat slowed it down.
SourceResult OpenCpuClock(const KernelRoots& roots);

}  // namespace edgefeed
