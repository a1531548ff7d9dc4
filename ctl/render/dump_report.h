#pragma once

#include <vector>

#include "common/base/clock.h"
#include "ctl/dump_client.h"
#include "ctl/render/line.h"

namespace edgefeed {

// Everything known of a dump: what crashed and why, backtrace, registers, log, metrics.
std::vector<Line> DumpReport(const DumpEntry& dump, WallTime now);

}  // namespace edgefeed
