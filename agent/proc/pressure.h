#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

struct PressureLine {
  double avg10_percent = 0;
  std::uint64_t total_us = 0;
};

struct Pressure {
  std::optional<PressureLine> some;
  std::optional<PressureLine> full;  // Not for the CPU before Linux 5.13.
};

// One file of /proc/pressure. A line that is cut short is left out.
Pressure ParsePressure(std::string_view text);

// /proc/pressure/cpu, memory and io: how long tasks wait for a resource.
SourceResult OpenPressure(const KernelRoots& roots);

}  // namespace edgefeed
