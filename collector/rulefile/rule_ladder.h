#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "collector/rules/rule.h"
#include "common/config/yaml_reader.h"

namespace edgefeed {

// The keys of a level, which stand in each of `levels`, or in the rule itself if it has only one.
struct LevelKeys {
  std::optional<Severity> severity;
  std::optional<double> above;
  std::optional<double> below;
  std::optional<double> clear;
  std::optional<std::chrono::milliseconds> hold;
  std::optional<std::chrono::milliseconds> keep_firing;

  [[nodiscard]] const std::optional<double>& threshold() const { return above ? above : below; }
};

LevelKeys ReadLevelKeys(YamlReader& reader);
// The first key of a level that stands here; empty: none does.
[[nodiscard]] std::string_view AnyLevelKey(const YamlReader& reader);

// Reads `levels`, or the one level that the rule's own keys are, into `rule`.
void ReadLadder(YamlReader& reader, Rule& rule);

// What is wrong with a level in its place on the ladder.
struct LadderProblem {
  std::size_t level = 0;
  std::string_view key;
  std::string what;
};
[[nodiscard]] std::optional<LadderProblem> FindLadderProblem(Comparison comparison,
                                                             std::span<const RuleLevel> levels);

constexpr std::string_view ComparisonName(Comparison comparison) {
  return comparison == Comparison::kAbove ? "above" : "below";
}

}  // namespace edgefeed
