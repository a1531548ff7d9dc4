#pragma once

#include <cstdint>
#include <filesystem>

#include "common/model/boot.h"

namespace edgefeed {

// What a boot status of <linux/watchdog.h> means; kUnknown: nothing.
BootReason ReasonOfBootStatus(std::uint64_t bits);

// What the hardware watchdogs of the machine say of its last reset.
struct WatchdogStatus {
  BootReason reason = BootReason::kUnknown;
  std::string detail;  // Which watchdog: "watchdog0 (imx2+ watchdog)".
};
WatchdogStatus ReadWatchdogStatus(const std::filesystem::path& sys);

}  // namespace edgefeed
