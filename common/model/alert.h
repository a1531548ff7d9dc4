#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/model/severity.h"

namespace edgefeed {

// A rule's threshold was crossed on a device.
struct Alert {
  // Among the alerts of the device that this collector sends; 0: it does not number them. Grows,
  // and one that is sent again has the same.
  std::uint64_t number = 0;
  std::string rule;                  // The rule's name: "CPU_HIGH".
  std::string message;               // Names device, value and threshold.
  double value = 0;                  // In the unit of the rule's metric.
  WallTime time;                     // When the sample that crossed was taken.
  std::optional<Severity> severity;  // Original collectors do not say.
  bool resolved = false;             // It does not fire any more.
  friend bool operator==(const Alert&, const Alert&) = default;
};

}  // namespace edgefeed
