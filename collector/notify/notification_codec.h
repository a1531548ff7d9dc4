#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/model/notification.h"

namespace edgefeed {

// A notification as bytes of the outbox: see FORMAT.md.
std::string EncodeNotification(const Notification& notification);

// DATA_LOSS for any other bytes, whatever they are.
Result<Notification> DecodeNotification(std::string_view bytes);

}  // namespace edgefeed
