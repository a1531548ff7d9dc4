#pragma once

#include <string>

#include "common/model/series.h"

namespace edgefeed {

// The labels of a device's series where all devices are together: the metric's name as __name__,
// the device's as edgefeed_device, the series' own, and `more`. A label of the series that has one
// of those names becomes exported_NAME, as when Prometheus scrapes. Letters that names may not have
// there become _; a label without a value is none.
Labels RemoteLabels(const std::string& device, const Series& series, const Labels& more);

}  // namespace edgefeed
