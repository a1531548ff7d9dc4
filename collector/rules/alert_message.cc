#include "collector/rules/alert_message.h"

#include <spdlog/fmt/fmt.h>

#include <string_view>

#include "common/base/units.h"

namespace edgefeed {
namespace {

std::string WhatIsCompared(const AlertSubject& subject) {
  const Rule& rule = subject.rule;
  if (rule.function == RuleFunction::kLast) return ToString(subject.series);
  return fmt::format("{} of {} over {}", FunctionName(rule.function), ToString(subject.series),
                     FormatDuration(rule.window));
}

// Hysteresis and keep_firing_for keep a rule firing while the value is not beyond the threshold.
std::string_view HowItStands(const AlertSubject& subject) {
  const double threshold = subject.level.threshold;
  if (subject.rule.comparison == Comparison::kAbove) {
    return subject.value > threshold ? "above" : "not yet back from above";
  }
  return subject.value < threshold ? "below" : "not yet back from below";
}

std::string UsualMessage(const AlertSubject& subject) {
  return fmt::format("{}: {} is {}, {} {}", subject.device, WhatIsCompared(subject),
                     FormatValue(subject.value), HowItStands(subject),
                     FormatValue(subject.level.threshold));
}

}  // namespace

std::string AlertMessage(const AlertSubject& subject) {
  const Rule& rule = subject.rule;
  if (!rule.message) return UsualMessage(subject);
  return rule.message->Render({.device = subject.device,
                               .rule = rule.name,
                               .metric = rule.metric,
                               .value = subject.value,
                               .threshold = subject.level.threshold,
                               .severity = subject.level.severity,
                               .function = rule.function,
                               .window = rule.window,
                               .labels = subject.series.labels,
                               .device_labels = subject.device_labels});
}

}  // namespace edgefeed
