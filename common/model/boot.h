#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"

namespace edgefeed {

// How the boot before this one ended, and so why this one was. Numbered as on the wire and in
// files.
enum class BootReason {
  kUnknown = 0,      // Nobody was there to see it: the first start of an agent, or notes were lost.
  kClean = 1,        // The system was shut down in good order.
  kKernelPanic = 2,  // The kernel left a panic, or an oops that it did not survive.
  kWatchdog = 3,     // A hardware watchdog says that it reset the machine.
  kOverheat = 4,     // The same, because of heat.
  kUnderVoltage = 5,  // The same, because of its power supply.
  kUnclean = 6,       // None of these: the power was cut, or somebody pressed reset.
};
inline constexpr std::array kBootReasons = {BootReason::kUnknown,     BootReason::kClean,
                                            BootReason::kKernelPanic, BootReason::kWatchdog,
                                            BootReason::kOverheat,    BootReason::kUnderVoltage,
                                            BootReason::kUnclean};

// "kernel_panic": as the label of boots_total.
std::string_view BootReasonName(BootReason reason);
std::optional<BootReason> FindBootReason(std::string_view name);

// A boot of a device.
struct BootInfo {
  BootReason reason = BootReason::kUnknown;
  std::string detail;  // For people: "Kernel panic - not syncing: …". UTF-8; may be empty.
  // How long the device was away, from its last sign of life to this boot; of a boot that ended
  // without a warning up to five minutes more. Nothing: as long as the time is not known.
  std::optional<std::chrono::milliseconds> offline;
  std::optional<WallTime> started;  // When this boot began, when the time is known.
  friend bool operator==(const BootInfo&, const BootInfo&) = default;
};

// "kernel panic: Kernel panic - not syncing: sysrq triggered crash, off for 3m12s".
std::string DescribeBoot(const BootInfo& boot);

}  // namespace edgefeed
