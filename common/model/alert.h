#pragma once

#include <string>

#include "common/base/clock.h"

namespace edgefeed {

// A rule's threshold was crossed on a device.
struct Alert {
  std::string rule;     // The rule's name: "CPU_HIGH".
  std::string message;  // Names device, value and threshold.
  double value = 0;     // In the unit of the rule's metric.
  WallTime time;        // When the sample that crossed was taken.
  friend bool operator==(const Alert&, const Alert&) = default;
};

}  // namespace edgefeed
