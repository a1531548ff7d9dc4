#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/model/stream.h"

namespace edgefeed {

enum class ExportFormat { kCsv, kJsonLines };

// One value of one series, for other programs to read.
struct ExportRow {
  WallTime time;
  StreamPosition position;
  std::string_view series;  // metric{name="value",…}
  double value = 0;
};

// What stands before the rows; nothing for JSON lines.
std::string ExportHeading(ExportFormat format);
// The row as a line. In JSON what is no finite number is null.
std::string ExportLine(ExportFormat format, const ExportRow& row);

// 16 hex digits, as in the names of segments.
std::string FormatStream(StreamId stream);

}  // namespace edgefeed
