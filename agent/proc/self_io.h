#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/proc/kernel_roots.h"

namespace edgefeed {

std::optional<std::uint64_t> ParseWrittenBytes(std::string_view self_io);

// Bytes that the agent, and the commands that it ran, have had written to storage since it started.
// Nothing where the kernel does not count them (CONFIG_TASK_IO_ACCOUNTING).
std::optional<std::uint64_t> ReadWrittenBytes(const KernelRoots& roots);

}  // namespace edgefeed
