// Reads, for each watchdog of hardware in /sys/class/watchdog (CONFIG_WATCHDOG_SYSFS),
//   watchdog0/bootstatus    32      (bits of <linux/watchdog.h>, of the reset before this boot)
//   watchdog0/identity      imx2+ watchdog
#include "agent/boot/watchdog_status.h"

#include <linux/watchdog.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "common/base/file.h"
#include "common/base/text.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

std::string TextOf(const fs::path& path) {
  const auto text = ReadSmallFile(path, 4096);
  return text ? std::string(Trim(*text)) : std::string();
}

std::vector<fs::path> Watchdogs(const fs::path& directory) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    found.push_back(entry->path());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

// A reset because of heat or of the supply may be told together with that of the card.
BootReason ReasonOfBootStatus(std::uint64_t bits) {
  if ((bits & WDIOF_OVERHEAT) != 0) return BootReason::kOverheat;
  if ((bits & WDIOF_POWERUNDER) != 0) return BootReason::kUnderVoltage;
  if ((bits & WDIOF_CARDRESET) != 0) return BootReason::kWatchdog;
  return BootReason::kUnknown;
}

WatchdogStatus ReadWatchdogStatus(const fs::path& sys) {
  for (const fs::path& watchdog : Watchdogs(sys / "class/watchdog")) {
    const auto bits = ParseNumber<std::uint64_t>(TextOf(watchdog / "bootstatus"));
    const BootReason reason = ReasonOfBootStatus(bits.value_or(0));
    if (reason == BootReason::kUnknown) continue;
    std::string detail = watchdog.filename().string();
    if (const std::string identity = TextOf(watchdog / "identity"); !identity.empty()) {
      detail += " (" + identity + ")";
    }
    return {.reason = reason, .detail = std::move(detail)};
  }
  return {};
}

}  // namespace edgefeed
