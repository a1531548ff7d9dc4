#include "collector/rules/rule_set.h"

#include <algorithm>
#include <utility>

#include "collector/rules/condition_id.h"

namespace edgefeed {

bool IsHeadline(std::string_view metric) { return metric == "cpu_usage" || metric == "memory_mb"; }

RuleSet::RuleSet(std::vector<Rule> rules) {
  for (Rule& rule : rules) {
    if (rule.kind == RuleKind::kOffline) offline_.push_back(rules_.size());
    if (IsHeadline(rule.metric) && rule.labels.empty()) headline_.push_back(rules_.size());
    rules_.push_back({.rule = std::move(rule), .variants = {}});
  }
}

std::optional<std::size_t> RuleSet::Find(std::string_view name) const {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].rule.name == name) return i;
  }
  return std::nullopt;
}

const std::vector<std::size_t>& RuleSet::About(SeriesId series, const SeriesTable& table) {
  while (by_series_.size() <= series) {
    const Series& added = table[static_cast<SeriesId>(by_series_.size())];
    auto& about = by_series_.emplace_back();
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      const Rule& rule = rules_[i].rule;
      if (rule.kind == RuleKind::kThreshold && rule.metric == added.metric &&
          HasLabels(added.labels, rule.labels))
        about.push_back(i);
    }
  }
  return by_series_[series];
}

std::vector<const EffectiveRule*> RuleSet::For(const std::string& device,
                                               const Labels& device_labels) {
  std::vector<const EffectiveRule*> effective;
  effective.reserve(rules_.size());
  for (auto& [rule, variants] : rules_) {
    if (!Matches(rule.match, device, device_labels)) {
      effective.push_back(nullptr);
      continue;
    }
    auto overrides = MatchingOverrides(rule, device, device_labels);
    auto found = variants.find(overrides);
    if (found == variants.end()) {
      EffectiveRule variant = WithOverrides(rule, overrides);
      variant.condition_id = ConditionId(rule, variant.levels);
      found = variants.emplace(std::move(overrides), std::move(variant)).first;
    }
    effective.push_back(found->second.enabled ? &found->second : nullptr);
  }
  return effective;
}

}  // namespace edgefeed
