#pragma once

#include <vector>

#include "ctl/client.h"
#include "ctl/render/line.h"

namespace edgefeed {

// Readings under the first word of their metric's name ("cpu", "memory", …), both in order of name.
std::vector<Line> ReadingLines(const std::vector<DeviceReading>& readings);

// metric{name="value",…}=value in its unit, all on one line.
std::string ReadingsOnOneLine(const std::vector<DeviceReading>& readings);

// "site=lab, rack=3"
std::string LabelText(const Labels& labels);

}  // namespace edgefeed
