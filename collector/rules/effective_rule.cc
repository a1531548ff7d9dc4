#include "collector/rules/effective_rule.h"

#include <fnmatch.h>

#include <algorithm>

namespace edgefeed {
namespace {

template <typename Change, typename Value>
void Set(const std::optional<Change>& change, Value& value) {
  if (change) value = *change;
}

template <typename Change>
void Note(const std::optional<Change>& change, std::size_t by, SetBy& origin) {
  if (change) origin = by;
}

void NoteOrigin(const LevelChange& change, std::size_t by, LevelOrigin& origin) {
  Note(change.severity, by, origin.severity);
  Note(change.threshold, by, origin.threshold);
  Note(change.clear, by, origin.clear);
  Note(change.hold, by, origin.hold);
  Note(change.keep_firing, by, origin.keep_firing);
}

// Two overrides, each of which is fine alone, can put `clear` on the bad side of the threshold.
void KeepClearOnGoodSide(Comparison comparison, RuleLevel& level) {
  const bool bad =
      level.clear && (comparison == Comparison::kAbove ? *level.clear > level.threshold
                                                       : *level.clear < level.threshold);
  if (bad) level.clear.reset();
}

}  // namespace

void Apply(const LevelChange& change, RuleLevel& level) {
  Set(change.severity, level.severity);
  Set(change.threshold, level.threshold);
  if (change.clear) level.clear = change.clear;
  Set(change.hold, level.hold);
  Set(change.keep_firing, level.keep_firing);
}

bool HasLabels(const Labels& all, const Labels& wanted) {
  // Not by their order: what other agents send need not be sorted.
  return std::ranges::all_of(
      wanted, [&](const Label& label) { return std::ranges::find(all, label) != all.end(); });
}

bool Matches(const DeviceMatch& match, const std::string& device, const Labels& device_labels) {
  return ::fnmatch(match.name_glob.c_str(), device.c_str(), FNM_NOESCAPE) == 0 &&
         HasLabels(device_labels, match.labels);
}

std::vector<std::size_t> MatchingOverrides(const Rule& rule, const std::string& device,
                                           const Labels& device_labels) {
  std::vector<std::size_t> matching;
  for (std::size_t i = 0; i < rule.overrides.size(); ++i) {
    if (Matches(rule.overrides[i].match, device, device_labels)) matching.push_back(i);
  }
  return matching;
}

EffectiveRule WithOverrides(const Rule& rule, const std::vector<std::size_t>& overrides) {
  EffectiveRule effective;
  effective.levels = rule.levels;
  effective.origins.resize(rule.levels.size());
  for (const std::size_t by : overrides) {
    const RuleOverride& changes = rule.overrides[by];
    Set(changes.enabled, effective.enabled);
    Note(changes.enabled, by, effective.enabled_by);
    for (const LevelChange& change : changes.levels) {
      Apply(change, effective.levels[change.level]);
      NoteOrigin(change, by, effective.origins[change.level]);
    }
  }
  for (RuleLevel& level : effective.levels) KeepClearOnGoodSide(rule.comparison, level);
  return effective;
}

std::optional<EffectiveRule> Resolve(const Rule& rule, const std::string& device,
                                     const Labels& device_labels) {
  if (!Matches(rule.match, device, device_labels)) return std::nullopt;
  return WithOverrides(rule, MatchingOverrides(rule, device, device_labels));
}

}  // namespace edgefeed
