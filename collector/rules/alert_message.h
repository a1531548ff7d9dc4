#pragma once

#include <string>

#include "collector/rules/rule.h"
#include "common/model/series.h"

namespace edgefeed {

// What an alert is about.
struct AlertSubject {
  const std::string& device;
  const Labels& device_labels;
  const Series& series;
  const Rule& rule;
  const RuleLevel& level;  // Of the rule as it is on the device.
  double value = 0;        // What the rule's function has made.
};

// The rule's own message, or "DEVICE: SERIES is VALUE, above THRESHOLD".
std::string AlertMessage(const AlertSubject& subject);

}  // namespace edgefeed
