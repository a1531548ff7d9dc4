#include "collector/rulefile/rule_override.h"

#include <algorithm>
#include <string>
#include <utility>

#include "collector/rulefile/rule_ladder.h"
#include "collector/rulefile/rule_offline.h"
#include "collector/rulefile/rule_words.h"
#include "collector/rules/effective_rule.h"
#include "common/config/scalars.h"

namespace edgefeed {
namespace {

std::string LevelNames(const Rule& rule) {
  std::string names;
  for (const RuleLevel& level : rule.levels) {
    names += (names.empty() ? "" : ", ") + std::string(SeverityName(level.severity));
  }
  return names;
}

LevelChange ChangeOf(const LevelKeys& keys, std::size_t level) {
  return {.level = level,
          .severity = keys.severity,
          .threshold = keys.threshold(),
          .clear = keys.clear,
          .hold = keys.hold,
          .keep_firing = keys.keep_firing};
}

void CheckComparison(YamlReader& reader, Comparison comparison) {
  const auto other = comparison == Comparison::kAbove ? Comparison::kBelow : Comparison::kAbove;
  if (!reader.Has(ComparisonName(other))) return;
  reader.Report(ComparisonName(other),
                "the rule's levels are " + std::string(ComparisonName(comparison)));
}

// One of an override's `levels`: its severity says which one of the rule's it is about.
void ReadLevelChange(YamlReader& reader, const Rule& rule, RuleOverride& changes) {
  LevelKeys keys = ReadLevelKeys(reader);
  reader.Require("severity");
  CheckComparison(reader, rule.comparison);
  if (!keys.severity) return;
  const auto level = std::ranges::find(rule.levels, *keys.severity, &RuleLevel::severity);
  if (level == rule.levels.end()) {
    return reader.Report("severity", "the rule has no level " +
                                         std::string(SeverityName(*keys.severity)) + ", only " +
                                         LevelNames(rule));
  }
  const auto number = static_cast<std::size_t>(level - rule.levels.begin());
  if (std::ranges::find(changes.levels, number, &LevelChange::level) != changes.levels.end()) {
    return reader.Report("severity", std::string(SeverityName(*keys.severity)) +
                                         " is changed by an earlier one of these levels");
  }
  keys.severity.reset();
  changes.levels.push_back(ChangeOf(keys, number));
}

// The keys of a rule with one level.
void ReadSimpleChange(YamlReader& reader, const Rule& rule, RuleOverride& changes) {
  const LevelKeys keys = ReadLevelKeys(reader);
  const auto key = AnyLevelKey(reader);
  if (key.empty()) return;
  if (reader.Has("levels")) {
    return reader.Report(key, "cannot be combined with levels: each of them has its own");
  }
  if (rule.levels.size() > 1) {
    return reader.Report(key, "the rule has the levels " + LevelNames(rule) +
                                  ": write levels: [{severity: ..., " + std::string(key) +
                                  ": ...}]");
  }
  CheckComparison(reader, rule.comparison);
  changes.levels.push_back(ChangeOf(keys, 0));
}

void CheckOverride(YamlReader& reader, const Rule& rule, const RuleOverride& changes) {
  if (!reader.Has("enabled") && !reader.Has("levels") && AnyLevelKey(reader).empty()) {
    reader.Report("match",
                  "nothing is changed for these devices: give enabled, levels, above or "
                  "below, clear, for, keep_firing_for or severity");
  }
  std::vector<RuleLevel> levels = rule.levels;
  for (const LevelChange& change : changes.levels) Apply(change, levels[change.level]);
  if (const auto problem = FindLadderProblem(rule.comparison, levels)) {
    reader.Report(reader.Has(problem->key) ? problem->key : "levels",
                  "level " + std::string(SeverityName(levels[problem->level].severity)) +
                      " would be wrong: " + std::string(problem->key) + " " + problem->what);
  }
}

RuleOverride ReadOverride(YamlReader& reader, const Rule& rule) {
  RuleOverride changes;
  bool says_which = false;
  const auto state = reader.Section("match", [&](YamlReader& match) {
    says_which = match.Has("device") || match.Has("labels");
    ReadMatch(match, changes.match);
  });
  reader.Require("match");
  if (state == SectionState::kRead && !says_which) {
    reader.Report("match", "is about every device: give device or labels");
  }
  reader.Read("enabled", changes.enabled, ParseBool);
  if (rule.kind == RuleKind::kOffline) {
    ReadOfflineChange(reader, changes);
    return changes;
  }
  reader.ReadEach("levels", [&](YamlReader& level) { ReadLevelChange(level, rule, changes); });
  ReadSimpleChange(reader, rule, changes);
  // What is wrong with the rule itself is said already.
  if (rule.levels.empty()) {
    changes.levels.clear();
  } else {
    CheckOverride(reader, rule, changes);
  }
  return changes;
}

}  // namespace

void ReadLabels(YamlReader& reader, Labels& labels) {
  reader.ReadMap("labels", [&](const std::string& name, const std::string& value) -> Status {
    const auto parsed = ParseIdentifier(name);
    if (!parsed) return parsed.error();
    labels.push_back({.name = name, .value = value});
    return {};
  });
  std::ranges::sort(labels);
}

void ReadMatch(YamlReader& match, DeviceMatch& devices) {
  match.Read("device", devices.name_glob, ParseDeviceGlob);
  ReadLabels(match, devices.labels);
}

void ReadOverrides(YamlReader& reader, Rule& rule) {
  reader.ReadItems("overrides", rule.overrides,
                   [&](YamlReader& item) { return ReadOverride(item, rule); });
}

}  // namespace edgefeed
