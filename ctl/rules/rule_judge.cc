#include "ctl/rules/rule_judge.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "collector/rules/effective_rule.h"
#include "collector/rules/rule_set.h"

namespace edgefeed {

RuleJudge::RuleJudge(std::vector<Rule> rules, std::string device, Labels device_labels)
    : rules_(std::move(rules)),
      device_(std::move(device)),
      info_(std::make_shared<const DeviceInfo>(DeviceInfo{.labels = std::move(device_labels)})),
      table_(std::numeric_limits<SeriesId>::max()) {
  // So that the engine tells of each sample above the threshold.
  for (Rule& rule : rules_) rule.repeat_interval = {};
}

std::vector<RuleChange> RuleJudge::Observe(WallTime time, std::span<const DeviceReading> values) {
  scheduler_.AdvanceTo(time);
  for (const DeviceReading& reading : values) {
    if (!watched_.contains(reading.series)) Add(reading.series);
  }
  std::vector<RuleChange> changes;
  for (auto& [series, watched] : watched_) {
    const auto found = std::ranges::find(values, series, &DeviceReading::series);
    const auto value = found == values.end() ? std::nullopt : std::optional(found->value);
    if (!value && IsHeadline(series.metric)) continue;  // A sample cannot be without them.
    const Sample sample = SampleOf(time, series, watched.id, value);
    for (Watch& watch : watched.watches) {
      auto change = Feed(watch, series, sample);
      if (change) changes.push_back(*std::move(change));
    }
  }
  return changes;
}

void RuleJudge::Add(const Series& series) {
  Watched& added = watched_[series];
  added.id = table_.Intern(series).value_or(0);
  for (const Rule& rule : rules_) {
    if (rule.metric != series.metric || !HasLabels(series.labels, rule.labels)) continue;
    auto engine = std::make_unique<RuleEngine>(scheduler_, table_, stats_);
    engine->SetRules({rule});
    engine->Describe(device_, info_);
    added.watches.push_back({.rule = rule.name, .engine = std::move(engine), .firing = {}});
  }
}

Sample RuleJudge::SampleOf(WallTime time, const Series& series, SeriesId id,
                           std::optional<double> value) {
  Sample sample;
  sample.time = time;
  if (IsHeadline(series.metric)) {
    sample.cpu_usage_percent = sample.memory_used_mib = value.value_or(0);
  } else if (value) {
    sample.readings = {{.series = id, .value = *value}};
  }
  return sample;
}

std::optional<RuleChange> RuleJudge::Feed(Watch& watch, const Series& series,
                                          const Sample& sample) {
  const Verdict verdict = watch.engine->Observe(device_, sample);
  RuleChange change{.time = sample.time, .rule = watch.rule, .series = series, .message = {}};
  if (watch.firing && watch.engine->Firing(device_).empty()) {
    change.change = AlertChange::kResolved;
    change.severity = *std::exchange(watch.firing, std::nullopt);
    return change;
  }
  if (verdict.alerts.empty()) return std::nullopt;
  const Alert& alert = verdict.alerts.back();
  change.severity = alert.severity.value_or(Severity::kWarning);
  change.value = alert.value;
  change.message = alert.message;
  const auto before = std::exchange(watch.firing, change.severity);
  if (before) {
    change.change = change.severity > *before ? AlertChange::kEscalated : AlertChange::kRepeated;
  }
  return change;
}

}  // namespace edgefeed
