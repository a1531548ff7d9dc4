#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// The number of threads in the text of /proc/loadavg.
std::optional<std::uint64_t> ParseThreadCount(std::string_view text);

// /proc/loadavg: the averages through libproc2, which does not tell the number of threads.
SourceResult OpenLoadavg(const KernelRoots& roots);

}  // namespace edgefeed
