#pragma once

#include "agent/proc/source.h"

namespace edgefeed {

// /proc/stat, through libproc2: time per CPU and mode, context switches, interrupts, boot time.
SourceResult OpenCpuStat();

}  // namespace edgefeed
