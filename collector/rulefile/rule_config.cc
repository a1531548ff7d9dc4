#include "collector/rulefile/rule_config.h"

#include <optional>
#include <string>

#include "collector/rulefile/rule_ladder.h"
#include "collector/rulefile/rule_offline.h"
#include "collector/rulefile/rule_override.h"
#include "collector/rulefile/rule_words.h"
#include "collector/rules/rule_set.h"
#include "common/config/scalars.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

void ReadSeries(YamlReader& reader, Rule& rule) {
  reader.Read("metric", rule.metric, ParseIdentifier);
  reader.Require("metric");
  ReadLabels(reader, rule.labels);
  if (IsHeadline(rule.metric) && !rule.labels.empty()) {
    reader.Report("labels", "cpu_usage and memory_mb have none");
  }
}

void ReadFunction(YamlReader& reader, Rule& rule) {
  std::optional<RuleFunction> function;
  reader.Read("function", function, ParseFunction);
  reader.Read("window", rule.window, DurationFrom(1s, 24h));
  if (reader.Has("function") && !function) return;  // Who knows what the window is for.
  rule.function = function.value_or(RuleFunction::kLast);
  if (rule.function == RuleFunction::kLast && reader.Has("window")) {
    reader.Report("window", "is for functions of more than one value, and the function is last");
  } else if (rule.function != RuleFunction::kLast && !reader.Has("window")) {
    reader.Report("window", "is required with " + std::string(FunctionName(rule.function)));
  }
}

}  // namespace

Rule ReadRule(YamlReader& reader) {
  Rule rule;
  reader.Read("name", rule.name, ParseRuleName);
  reader.Require("name");
  reader.Section("match", [&](YamlReader& match) { ReadMatch(match, rule.match); });
  if (!ReadOffline(reader, rule)) {
    ReadSeries(reader, rule);
    ReadFunction(reader, rule);
    ReadLadder(reader, rule);
    ReadNoData(reader, rule);
  }
  reader.Read("repeat_interval", rule.repeat_interval, DurationFrom(0ms, 30 * 24h));
  reader.Read("message", rule.message, ParseMessage);
  ReadOverrides(reader, rule);
  return rule;
}

}  // namespace edgefeed
