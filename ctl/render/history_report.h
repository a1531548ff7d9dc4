#pragma once

#include <vector>

#include "ctl/client.h"
#include "ctl/render/line.h"
#include "ctl/render/sparkline.h"
#include "ctl/render/watch_screen.h"

namespace edgefeed {

// `edgefeedctl history` in a terminal: a plot of each series with its numbers beneath; from the
// fifth on, one line a series. At most as wide as the screen.
std::vector<Line> HistoryReport(const PastQuery& query, const std::vector<PastSeries>& past,
                                ScreenSize size, Glyphs glyphs);

}  // namespace edgefeed
