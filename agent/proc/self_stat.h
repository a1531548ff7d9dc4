#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

struct SelfStat {
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t threads = 0;
  std::uint64_t resident_pages = 0;
};
std::optional<SelfStat> ParseSelfStat(std::string_view text);

// The agent's own footprint: /proc/self/stat and /proc/self/fd.
SourceResult OpenSelfStat(const KernelRoots& roots);

}  // namespace edgefeed
