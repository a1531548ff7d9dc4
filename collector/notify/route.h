#pragma once

#include "collector/notify/notify_config.h"
#include "common/model/alert_event.h"

namespace edgefeed {

[[nodiscard]] bool Matches(const NotificationMatch& match, const AlertEvent& event);

}  // namespace edgefeed
