#pragma once

#include "common/model/device.h"

namespace telemetry {
class DeviceInfo;
}  // namespace telemetry

namespace edgefeed {

void ToWire(const DeviceInfo& info, telemetry::DeviceInfo& wire);
// Cut to a bounded size: 32 labels, 256 bytes a text.
DeviceInfo FromWire(const telemetry::DeviceInfo& wire);

}  // namespace edgefeed
