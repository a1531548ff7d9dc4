#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

// What the firmware of a Raspberry Pi says of its supply and of its CPUs.
struct FirmwareThrottling {
  bool under_voltage = false;
  bool throttled = false;
  bool under_voltage_seen = false;  // Since the boot.
  bool throttled_seen = false;
};
// Nothing: it is no such number.
std::optional<FirmwareThrottling> ParseThrottled(std::string_view text);

// Whether the supply is too weak, from sensors and from the firmware.
SourceResult OpenUnderVoltage(const KernelRoots& roots);

}  // namespace edgefeed
