#pragma once

#include <cstdint>
#include <optional>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// Bytes per second from the Mbit/s of a `speed` file; nothing for the ways in which drivers say
// "unknown": -1, 0, and these as unsigned numbers of 16 or 32 bits.
std::optional<double> LinkSpeedBytes(std::int64_t megabits);

// /sys/class/net: whether each link is there, and how fast it is.
SourceResult OpenNetLinks(const KernelRoots& roots);

}  // namespace edgefeed
