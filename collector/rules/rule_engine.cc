#include "collector/rules/rule_engine.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

namespace edgefeed {
namespace {

constexpr std::string_view kCpuUsage = "cpu_usage";
constexpr std::string_view kMemoryMb = "memory_mb";

std::optional<double> Headline(const Sample& sample, std::string_view metric) {
  if (metric == kCpuUsage) return sample.cpu_usage_percent;
  if (metric == kMemoryMb) return sample.memory_used_mib;
  return std::nullopt;
}

bool Breached(const Rule& rule, double value) {
  return rule.comparison == Comparison::kAbove ? value > rule.threshold : value < rule.threshold;
}

}  // namespace

void RuleEngine::SetRules(std::vector<Rule> rules) {
  std::vector<std::optional<std::size_t>> new_index(rules_.size());
  for (std::size_t old = 0; old < rules_.size(); ++old) {
    const auto same = std::ranges::find(rules, rules_[old]);
    if (same != rules.end()) new_index[old] = static_cast<std::size_t>(same - rules.begin());
  }
  for (auto& [device, states] : states_) {
    DeviceStates kept;
    for (const auto& [key, state] : states) {
      if (new_index[key.first]) kept.emplace(StateKey{*new_index[key.first], key.second}, state);
    }
    states = std::move(kept);
  }
  rules_ = std::move(rules);
  rules_by_series_.clear();
}

Verdict RuleEngine::Observe(const std::string& device, const Sample& sample) {
  Verdict verdict;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (const auto value = Headline(sample, rules_[i].metric)) {
      Check(device, sample, i, kHeadline, *value, verdict);
    }
  }
  for (const Reading& reading : sample.readings) {
    for (const std::size_t i : RulesFor(reading.series)) {
      Check(device, sample, i, reading.series, reading.value, verdict);
    }
  }
  return verdict;
}

std::vector<std::string> RuleEngine::Firing(const std::string& device) const {
  std::set<std::string> names;
  const auto found = states_.find(device);
  if (found == states_.end()) return {};
  for (const auto& [key, state] : found->second) {
    if (state.firing()) names.insert(rules_[key.first].name);
  }
  return {names.begin(), names.end()};
}

void RuleEngine::Check(const std::string& device, const Sample& sample, std::size_t rule_index,
                       SeriesId series, double value, Verdict& verdict) {
  const Rule& rule = rules_[rule_index];
  const bool breached = Breached(rule, value);
  const StateKey key{rule_index, series};
  // Most values are fine and have no state: look before making one.
  auto device_states = states_.find(device);
  if (!breached && (device_states == states_.end() || !device_states->second.contains(key))) {
    return;
  }
  if (device_states == states_.end()) device_states = states_.try_emplace(device).first;
  RuleState& state = device_states->second[key];
  const bool was_firing = state.firing();
  if (state.Observe(breached, rule.repeat_interval, scheduler_.Now())) {
    verdict.alerts.push_back(MakeAlert(device, sample, rule, series, value));
  }
  if (state.firing() != was_firing) verdict.firing_changed = true;
}

const std::vector<std::size_t>& RuleEngine::RulesFor(SeriesId series) {
  while (rules_by_series_.size() <= series) {
    const Series& added = series_[static_cast<SeriesId>(rules_by_series_.size())];
    auto& about = rules_by_series_.emplace_back();
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].metric == added.metric) about.push_back(i);
    }
  }
  return rules_by_series_[series];
}

Alert RuleEngine::MakeAlert(const std::string& device, const Sample& sample, const Rule& rule,
                            SeriesId series, double value) const {
  const std::string what = series == kHeadline ? rule.metric : ToString(series_[series]);
  return Alert{.rule = rule.name,
               .message = fmt::format("{}: {} is {:.6g}, {} {:.6g}", device, what, value,
                                      rule.comparison == Comparison::kAbove ? "above" : "below",
                                      rule.threshold),
               .value = value,
               .time = sample.time};
}

}  // namespace edgefeed
