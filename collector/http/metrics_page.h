#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "collector/http/http_stats.h"
#include "collector/ports.h"
#include "collector/stats.h"

namespace edgefeed {

// Everything that /metrics shows.
struct MetricsInput {
  const CollectorStats& collector;
  const HttpStats& http;
  const std::vector<DeviceSnapshot>& devices;  // In order of name.
  std::size_t max_devices = 0;                 // How many of them get series of their own.
  const FiringAlerts& alerts;
  std::string version;
  WallTime now;
};

// The text of /metrics: Prometheus' exposition format 0.0.4. Reads the process's own usage as well.
std::string MetricsText(const MetricsInput& input);

}  // namespace edgefeed
