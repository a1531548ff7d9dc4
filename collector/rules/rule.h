#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/rules/message_template.h"
#include "collector/rules/rule_function.h"
#include "common/model/series.h"
#include "common/model/severity.h"

namespace edgefeed {

enum class Comparison { kAbove, kBelow };

enum class RuleKind {
  kThreshold,  // About the values of a metric.
  kOffline,    // About a device of which nothing is heard.
};

// What becomes of a rule on a series without values, while the device goes on sending others. Of a
// device that sends nothing at all every rule stays what it is.
enum class NoDataState {
  kKeep,    // It stays what it is.
  kOk,      // It resolves.
  kFiring,  // It fires, at its mildest level.
};

struct NoData {
  std::chrono::milliseconds after = std::chrono::minutes(5);
  NoDataState state = NoDataState::kKeep;
  friend bool operator==(const NoData&, const NoData&) = default;
};

// The `metric` of rules of kOffline, in seconds.
constexpr std::string_view kOfflineMetric = "offline_seconds";

// One step of a rule's ladder. It begins once every value has been beyond `threshold` for `hold`,
// and ends once every value has been back at `clear` for `keep_firing`.
struct RuleLevel {
  Severity severity = Severity::kWarning;
  double threshold = 0;         // In the unit of what the rule compares.
  std::optional<double> clear;  // On the good side of the threshold; nothing: the threshold.
  std::chrono::milliseconds hold{0};
  std::chrono::milliseconds keep_firing{0};
  friend bool operator==(const RuleLevel&, const RuleLevel&) = default;
};

// Which devices.
struct DeviceMatch {
  std::string name_glob = "*";  // * stands for any letters, ? for one.
  Labels labels;                // Which the device must have, among others.
  friend bool operator==(const DeviceMatch&, const DeviceMatch&) = default;
};

// What an override says of one level; what is empty stays as it is.
struct LevelChange {
  std::size_t level = 0;  // Of Rule::levels.
  std::optional<Severity> severity;
  std::optional<double> threshold;
  std::optional<double> clear;
  std::optional<std::chrono::milliseconds> hold;
  std::optional<std::chrono::milliseconds> keep_firing;
  friend bool operator==(const LevelChange&, const LevelChange&) = default;
};

// What is different on some devices.
struct RuleOverride {
  DeviceMatch match;
  std::optional<bool> enabled;
  std::vector<LevelChange> levels;
  friend bool operator==(const RuleOverride&, const RuleOverride&) = default;
};

// When to alert: while what `function` makes of a metric of a device is above, or below, a
// threshold. A rule of kOffline has one level, without `clear`, and its threshold is in seconds.
struct Rule {
  std::string name;    // The alert_type of its alerts: "CPU_HIGH".
  std::string metric;  // cpu_usage, memory_mb, or a metric of the catalogue.
  RuleKind kind = RuleKind::kThreshold;
  Labels labels;  // Which a series of the metric must have, among others.
  DeviceMatch match;
  RuleFunction function = RuleFunction::kLast;
  std::chrono::milliseconds window{0};  // Of every function but kLast.
  Comparison comparison = Comparison::kAbove;
  std::vector<RuleLevel> levels;  // From mild to severe, 1 to 3, thresholds in order.
  // How long until it alerts again while it still fires; 0 alerts for every sample.
  std::chrono::milliseconds repeat_interval = std::chrono::minutes(5);
  NoData no_data;  // Of kThreshold.
  // Of kOffline: the label of a device that names the one through which it is reached.
  std::string parent_label;
  std::optional<MessageTemplate> message;  // Nothing: the usual message.
  std::vector<RuleOverride> overrides;     // Of two that match, the later one counts.
  friend bool operator==(const Rule&, const Rule&) = default;
};

// A rule of the simple form.
inline Rule ThresholdRule(std::string name, std::string metric, Comparison comparison,
                          double threshold) {
  Rule rule;
  rule.name = std::move(name);
  rule.metric = std::move(metric);
  rule.comparison = comparison;
  rule.levels = {{.threshold = threshold}};
  return rule;
}

// A device is offline when nothing has been heard of it for longer than `after`.
inline Rule OfflineRule(std::string name, std::chrono::milliseconds after) {
  Rule rule = ThresholdRule(std::move(name), std::string(kOfflineMetric), Comparison::kAbove,
                            std::chrono::duration<double>(after).count());
  rule.kind = RuleKind::kOffline;
  return rule;
}

}  // namespace edgefeed
