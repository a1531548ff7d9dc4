#pragma once

#include <set>
#include <string>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// Names, as in /proc/diskstats, of the disks that have hardware, or a hypervisor, behind them. That
// leaves out partitions, loop, ram, zram, and md and dm, whose work is done by disks listed here.
std::set<std::string, std::less<>> WholeDisks(const KernelRoots& roots);

// /proc/diskstats, through libproc2.
SourceResult OpenDiskstats(const KernelRoots& roots);

}  // namespace edgefeed
