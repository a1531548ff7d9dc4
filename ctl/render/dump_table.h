#pragma once

#include <vector>

#include "common/base/clock.h"
#include "ctl/dump_client.h"
#include "ctl/render/line.h"

namespace edgefeed {

std::vector<Line> DumpGroupTable(const std::vector<DumpGroupEntry>& groups, WallTime now);
std::vector<Line> DumpTable(const std::vector<DumpEntry>& dumps, WallTime now);

// What there is of a dump: "12.0 MiB, stacks", "rate_limited, 994 times".
std::string DumpContentText(const DumpEntry& dump);

}  // namespace edgefeed
