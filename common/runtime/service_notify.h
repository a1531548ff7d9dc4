#pragma once

#include <string_view>

namespace edgefeed {

// Tells systemd the service's state: "READY=1", "STOPPING=1", "STATUS=…" (sd_notify(3); one
// datagram to $NOTIFY_SOCKET, so libsystemd is not needed). Does nothing when not started by
// systemd.
void NotifyService(std::string_view state);

}  // namespace edgefeed
