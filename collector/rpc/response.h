#pragma once

#include "collector/ports.h"

namespace telemetry {
class MetricsResponse;
}  // namespace telemetry
namespace edgefeed {

class Device;  // The message of fleet.proto.

void ToWire(const DeviceSnapshot& snapshot, Detail detail, telemetry::MetricsResponse& wire);
void ToWire(const DeviceSnapshot& snapshot, Device& wire);

}  // namespace edgefeed
