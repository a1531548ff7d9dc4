#pragma once

#include <string_view>
#include <variant>

#include "agent/statsd/statsd_counts.h"

namespace edgefeed {

enum class StatsdType { kCounter, kGauge, kTimer, kHistogram };

// One value that an application sends. The views point into the line.
struct StatsdLine {
  std::string_view name;  // As it came; never empty.
  StatsdType type = StatsdType::kCounter;
  double value = 0;       // Finite.
  bool relative = false;  // Of a gauge: to be added to its value.
  double rate = 1;  // Of events of which this is one, the share that is sent: above 0, up to 1.
  std::string_view tags;  // Behind the #, as they came; empty: none.
};

// Parses a line of StatsD, with DogStatsD's tags. Never fails otherwise than by saying why the line
// cannot be taken, whatever its bytes.
//   sensord.frames:1|c                counter; also 12.5|c
//   sensord.retries:1|c|@0.1          one of ten was sent
//   sensord.temperature:21.5|g        gauge; +3|g and -3|g change it
//   sensord.read:320|ms               timer
//   sensord.size:512|h                histogram; d, a distribution, is the same
//   sensord.frames:1|c|#camera:left,raw   tags; further sections (|c:…, |T…) mean nothing here
std::variant<StatsdLine, StatsdDrop> ParseStatsdLine(std::string_view line);

}  // namespace edgefeed
