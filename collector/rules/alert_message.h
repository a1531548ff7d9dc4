#pragma once

#include <string>

#include "collector/rules/rule.h"
#include "common/model/alert_event.h"

namespace edgefeed {

// What an alert is about.
struct AlertSubject {
  const AlertEvent& event;  // All but its message.
  const Rule& rule;
  const RuleLevel& level;  // Of the rule as it is on the device.
};

// The rule's own message, or "DEVICE: SERIES is VALUE, above THRESHOLD".
std::string AlertMessage(const AlertSubject& subject);

}  // namespace edgefeed
