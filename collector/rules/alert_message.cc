#include "collector/rules/alert_message.h"

#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <cstdint>
#include <string_view>

#include "common/base/units.h"

namespace edgefeed {
namespace {

std::string WhatIsCompared(const AlertSubject& subject) {
  const Rule& rule = subject.rule;
  const std::string series = ToString(subject.event.key.series);
  if (rule.function == RuleFunction::kLast) return series;
  return fmt::format("{} of {} over {}", FunctionName(rule.function), series,
                     FormatDuration(rule.window));
}

// Hysteresis and keep_firing_for keep a rule firing while the value is not beyond the threshold.
std::string_view HowItStands(const AlertSubject& subject) {
  const bool above = subject.rule.comparison == Comparison::kAbove;
  if (subject.event.change == AlertChange::kResolved) {
    return above ? "no longer above" : "no longer below";
  }
  const double value = subject.event.value;
  const double threshold = subject.level.threshold;
  if (above) return value > threshold ? "above" : "not yet back from above";
  return value < threshold ? "below" : "not yet back from below";
}

std::string OfflineMessage(const AlertEvent& event) {
  if (event.change == AlertChange::kResolved) return event.key.device + ": heard of again";
  const auto silent = std::chrono::seconds(static_cast<std::int64_t>(event.value));
  const std::string parent =
      event.parent.empty() ? "" : ", which is reached through " + event.parent;
  return event.key.device + ": nothing heard for " + FormatDuration(silent) + parent;
}

std::string UsualMessage(const AlertSubject& subject) {
  if (subject.rule.kind == RuleKind::kOffline) return OfflineMessage(subject.event);
  return fmt::format("{}: {} is {}, {} {}", subject.event.key.device, WhatIsCompared(subject),
                     FormatValue(subject.event.value), HowItStands(subject),
                     FormatValue(subject.level.threshold));
}

}  // namespace

std::string AlertMessage(const AlertSubject& subject) {
  const Rule& rule = subject.rule;
  if (!rule.message) return UsualMessage(subject);
  const AlertEvent& event = subject.event;
  return rule.message->Render({.device = event.key.device,
                               .rule = rule.name,
                               .metric = rule.metric,
                               .value = event.value,
                               .threshold = subject.level.threshold,
                               .severity = subject.level.severity,
                               .function = rule.function,
                               .window = rule.window,
                               .labels = event.key.series.labels,
                               .device_labels = event.device_labels});
}

}  // namespace edgefeed
