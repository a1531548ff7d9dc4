#include "collector/rulefile/rule_ladder.h"

#include <array>

#include "collector/rulefile/rule_words.h"
#include "common/config/scalars.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr std::array<std::string_view, 6> kLevelKeys = {"above", "below",           "clear",
                                                        "for",   "keep_firing_for", "severity"};
constexpr auto kLongestStep = 30 * 24h;

enum class LevelPlace { kRule, kLevels };

// Adds the level that stands in `reader`, unless it is not even one.
void ReadLevel(YamlReader& reader, LevelPlace place, Rule& rule) {
  const LevelKeys keys = ReadLevelKeys(reader);
  if (place == LevelPlace::kLevels) reader.Require("severity");
  if (!reader.Has("above") && !reader.Has("below")) {
    return reader.Report("above", place == LevelPlace::kRule ? "is required, or below, or levels"
                                                             : "is required, or below");
  }
  if (reader.Has("above") && reader.Has("below")) {
    return reader.Report("below", "cannot be combined with above: write two rules");
  }
  const auto comparison = reader.Has("below") ? Comparison::kBelow : Comparison::kAbove;
  if (rule.levels.empty()) rule.comparison = comparison;
  if (comparison != rule.comparison) {
    return reader.Report(ComparisonName(comparison),
                         "all levels of a rule go one way, and the first one is " +
                             std::string(ComparisonName(rule.comparison)));
  }
  if (!keys.threshold() || (place == LevelPlace::kLevels && !keys.severity)) return;
  rule.levels.push_back({.severity = keys.severity.value_or(Severity::kWarning),
                         .threshold = *keys.threshold(),
                         .clear = keys.clear,
                         .hold = keys.hold.value_or(0ms),
                         .keep_firing = keys.keep_firing.value_or(0ms)});
  const auto problem = FindLadderProblem(rule.comparison, rule.levels);
  if (!problem) return;
  reader.Report(problem->key, problem->what);
  rule.levels.pop_back();  // The next one is not to blame.
}

bool IsBeyond(Comparison comparison, double a, double b) {
  return comparison == Comparison::kAbove ? a > b : a < b;
}

std::optional<LadderProblem> FindClearProblem(Comparison comparison, const RuleLevel& level) {
  if (!level.clear || !IsBeyond(comparison, *level.clear, level.threshold)) return std::nullopt;
  const std::string threshold = FormatValue(level.threshold);
  const std::string allowed =
      comparison == Comparison::kAbove ? "up to " + threshold : "from " + threshold + " on";
  return LadderProblem{.key = "clear",
                       .what = FormatValue(*level.clear) + " is " +
                               std::string(ComparisonName(comparison)) +
                               " the threshold, allowed are values " + allowed};
}

std::optional<LadderProblem> FindOrderProblem(Comparison comparison, const RuleLevel& milder,
                                              const RuleLevel& level) {
  const std::string before(SeverityName(milder.severity));
  if (level.severity <= milder.severity) {
    return LadderProblem{.key = "severity",
                         .what = std::string(SeverityName(level.severity)) + " stands after " +
                                 before + ": levels go from mild to severe, each severity once"};
  }
  if (IsBeyond(comparison, level.threshold, milder.threshold)) return std::nullopt;
  const std::string further = comparison == Comparison::kAbove ? "higher" : "lower";
  return LadderProblem{.key = ComparisonName(comparison),
                       .what = FormatValue(level.threshold) + " is not " + further + " than " +
                               FormatValue(milder.threshold) + " of level " + before};
}

}  // namespace

LevelKeys ReadLevelKeys(YamlReader& reader) {
  LevelKeys keys;
  reader.Read("above", keys.above, ParseReal);
  reader.Read("below", keys.below, ParseReal);
  reader.Read("clear", keys.clear, ParseReal);
  reader.Read("for", keys.hold, DurationFrom(0ms, kLongestStep));
  reader.Read("keep_firing_for", keys.keep_firing, DurationFrom(0ms, kLongestStep));
  reader.Read("severity", keys.severity, ParseSeverity);
  return keys;
}

std::string_view AnyLevelKey(const YamlReader& reader) {
  for (const std::string_view key : kLevelKeys) {
    if (reader.Has(key)) return key;
  }
  return {};
}

void ReadLadder(YamlReader& reader, Rule& rule) {
  std::size_t items = 0;
  const bool valid = reader.ReadEach("levels", [&](YamlReader& level) {
    ++items;
    ReadLevel(level, LevelPlace::kLevels, rule);
  });
  if (!reader.Has("levels")) return ReadLevel(reader, LevelPlace::kRule, rule);
  ReadLevelKeys(reader);
  if (const auto key = AnyLevelKey(reader); !key.empty()) {
    reader.Report(key, "cannot be combined with levels: each of them has its own");
  }
  if (valid && items == 0) {
    reader.Report("levels", "needs at least one level, such as {severity: warning, above: 90}");
  }
}

std::optional<LadderProblem> FindLadderProblem(Comparison comparison,
                                               std::span<const RuleLevel> levels) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    auto problem = FindClearProblem(comparison, levels[i]);
    if (!problem && i > 0) problem = FindOrderProblem(comparison, levels[i - 1], levels[i]);
    if (!problem) continue;
    problem->level = i;
    return problem;
  }
  return std::nullopt;
}

}  // namespace edgefeed
