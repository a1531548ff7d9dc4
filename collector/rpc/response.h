#pragma once

#include "collector/ports.h"

namespace telemetry {
class MetricsResponse;
class Series;
}  // namespace telemetry
namespace edgefeed {

class Device;  // The message of fleet.proto.

void ToWire(const DeviceSnapshot& snapshot, Detail detail, telemetry::MetricsResponse& wire);
void ToWire(const DeviceSnapshot& snapshot, Device& wire);
void ToWire(const Series& series, telemetry::Series& wire);

}  // namespace edgefeed
