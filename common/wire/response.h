#pragma once

#include "common/model/alert.h"

namespace telemetry {
class AlertResponse;
}  // namespace telemetry

namespace edgefeed {

void ToWire(const Alert& alert, telemetry::AlertResponse& wire);
Alert FromWire(const telemetry::AlertResponse& wire);

}  // namespace edgefeed
