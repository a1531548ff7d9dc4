#pragma once

#include <vector>

#include "common/base/clock.h"
#include "ctl/alert_client.h"
#include "ctl/render/line.h"

namespace edgefeed {

std::vector<Line> AlertTable(const std::vector<AlertEntry>& alerts, WallTime now);
std::vector<Line> AlertHistoryTable(const std::vector<AlertEntry>& entries);
std::vector<Line> SilenceTable(const std::vector<SilenceEntry>& silences, WallTime now);

// One that has changed.
Line AlertLine(const AlertEntry& alert);

}  // namespace edgefeed
