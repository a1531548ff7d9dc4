#pragma once

#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/model/severity.h"

namespace edgefeed {

// A rule's threshold was crossed on a device.
struct Alert {
  std::string rule;                  // The rule's name: "CPU_HIGH".
  std::string message;               // Names device, value and threshold.
  double value = 0;                  // In the unit of the rule's metric.
  WallTime time;                     // When the sample that crossed was taken.
  std::optional<Severity> severity;  // Original collectors do not say.
  friend bool operator==(const Alert&, const Alert&) = default;
};

}  // namespace edgefeed
