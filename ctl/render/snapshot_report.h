#pragma once

#include <vector>

#include "ctl/client.h"
#include "ctl/render/line.h"

namespace edgefeed {

// `edgefeedctl snapshot`: the headline, what the device says of itself, and all readings.
std::vector<Line> SnapshotReport(const DeviceSample& sample, WallTime now);

}  // namespace edgefeed
