#pragma once

#include <set>
#include <string>
#include <string_view>

#include "agent/proc/source.h"

namespace edgefeed {

// Names of the fields in the text of /proc/meminfo. libproc2 does not say which of them this kernel
// has: it puts zeros, or values of its own, in the place of the others.
std::set<std::string, std::less<>> MeminfoFields(std::string_view text);

// Memory use in KiB. `available` is empty before Linux 3.14; then buffers and cache count as free,
// as they did for the tools of that time. That is too little by what lies in tmpfs.
struct MemoryKib {
  std::uint64_t total = 0;
  std::uint64_t free = 0;
  std::uint64_t buffers = 0;
  std::uint64_t cached = 0;
  std::optional<std::uint64_t> available;
};
std::uint64_t UsedKib(const MemoryKib& memory);

// /proc/meminfo, through libproc2.
SourceResult OpenMeminfo();

}  // namespace edgefeed
