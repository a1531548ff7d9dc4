#pragma once

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// /sys/class/thermal: temperatures of the thermal zones.
SourceResult OpenThermal(const KernelRoots& roots);

}  // namespace edgefeed
