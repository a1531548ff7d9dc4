#pragma once

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// /sys/class/power_supply: batteries of the device, and whether it has power from outside.
SourceResult OpenPowerSupply(const KernelRoots& roots);

}  // namespace edgefeed
