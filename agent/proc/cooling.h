#pragma once

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// /sys/class/thermal: how far the kernel slows CPUs down, and speeds fans up, to cool.
SourceResult OpenCooling(const KernelRoots& roots);

}  // namespace edgefeed
