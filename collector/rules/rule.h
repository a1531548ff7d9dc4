#pragma once

#include <chrono>
#include <string>

namespace edgefeed {

enum class Comparison { kAbove, kBelow };

// When to alert: while a metric of a device is above, or below, a threshold.
struct Rule {
  std::string name;    // The alert_type of its alerts: "CPU_HIGH".
  std::string metric;  // cpu_usage, memory_mb, or a metric of the catalogue.
  Comparison comparison = Comparison::kAbove;
  double threshold = 0;  // In the metric's unit.
  // How long until it alerts again while it still fires; 0 alerts for every sample.
  std::chrono::milliseconds repeat_interval = std::chrono::minutes(5);
  friend bool operator==(const Rule&, const Rule&) = default;
};

}  // namespace edgefeed
