#pragma once

#include <vector>

#include "ctl/client.h"
#include "ctl/render/line.h"

namespace edgefeed {

// `edgefeedctl devices`: one row a device, in the order given.
std::vector<Line> DeviceTable(const std::vector<DeviceEntry>& devices, WallTime now);

}  // namespace edgefeed
