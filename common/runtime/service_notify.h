#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace edgefeed {

// Tells systemd the service's state: "READY=1", "STOPPING=1", "STATUS=…" (sd_notify(3); one
// datagram to $NOTIFY_SOCKET, so libsystemd is not needed). Does nothing when not started by
// systemd.
void NotifyService(std::string_view state);

// How long this process may be silent before systemd takes it for hung (WatchdogSec=, as
// sd_watchdog_enabled(3)). Nothing when it does not watch.
std::optional<std::chrono::milliseconds> ServiceWatchdog();

}  // namespace edgefeed
