#pragma once

#include <chrono>
#include <ostream>
#include <vector>

#include "ctl/client.h"

namespace edgefeed {

// One "TIME VALUE" a line: RFC 3339, and the sample or the mean of its step. An empty line is a
// gap. Several series: each after a line "# SERIES", with two empty lines between, as gnuplot reads
// them.
void PrintHistoryLines(const std::vector<PastSeries>& past, std::chrono::milliseconds step,
                       std::ostream& out);

// RFC 4180, under the header time,series,value,min,max,sum,count,last.
void PrintHistoryCsv(const std::vector<PastSeries>& past, std::ostream& out);

}  // namespace edgefeed
