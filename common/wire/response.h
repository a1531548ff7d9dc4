#pragma once

#include "common/model/feed_message.h"

namespace telemetry {
class AlertResponse;
}  // namespace telemetry

namespace edgefeed {

// Replaces what `wire` held.
void ToWire(const FeedReply& reply, telemetry::AlertResponse& wire);
FeedReply FromWire(const telemetry::AlertResponse& wire);

}  // namespace edgefeed
