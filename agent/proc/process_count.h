#pragma once

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// The number of processes: entries of /proc that are numbers, counted when refreshed.
SourceResult OpenProcessCount(const KernelRoots& roots);

}  // namespace edgefeed
