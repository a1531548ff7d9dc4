#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

struct PacketCounters {
  std::uint64_t bytes = 0;
  std::uint64_t packets = 0;
  std::uint64_t errors = 0;
  std::uint64_t drops = 0;
  friend bool operator==(const PacketCounters&, const PacketCounters&) = default;
};

struct InterfaceCounters {
  std::string_view name;  // Points into the text.
  PacketCounters receive;
  PacketCounters transmit;
};

struct NetDev {
  std::vector<InterfaceCounters> interfaces;
  std::size_t bad_lines = 0;
};
NetDev ParseNetDev(std::string_view text);

// Whether an interface is worth telling of: not the loopback, and not the host's end of a
// container, which comes with each start under a new name and would fill every table of series in
// time.
bool IsToldOf(std::string_view interface);

// /proc/net/dev: bytes, packets, errors and drops of each interface.
SourceResult OpenNetDev(const KernelRoots& roots);

}  // namespace edgefeed
