#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// The paths of the agent's control groups, as far as /proc/self/cgroup tells them.
struct CgroupPaths {
  std::optional<std::string> memory_v1;
  std::optional<std::string> unified;
};
CgroupPaths ParseCgroup(std::string_view text);

// The limit in the text of memory.max or memory.limit_in_bytes; nothing for "max", and for version
// 1's way of saying so: the largest multiple of a page.
std::optional<std::uint64_t> ParseMemoryLimit(std::string_view text);

// Memory of the agent's own control group, version 1 or 2.
SourceResult OpenCgroup(const KernelRoots& roots);

}  // namespace edgefeed
