#include "ctl/rules/rule_source.h"

#include <map>

#include "collector/app/config.h"
#include "collector/rulefile/rule_ladder.h"
#include "collector/rulefile/rules_config.h"
#include "collector/rules/message_template.h"
#include "common/base/units.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

bool IsInRulesDirectory(const fs::path& file) {
  std::error_code error;
  const fs::path absolute = fs::absolute(file, error);
  return !error && absolute.parent_path().filename() == kRulesDirectory;
}

}  // namespace

Result<std::vector<Rule>> LoadRules(const fs::path& file, const Environment& environment) {
  if (!IsInRulesDirectory(file)) {
    auto config = LoadCollectorConfig(file, environment);
    if (!config) return config.error();
    return std::move(config->rules);
  }
  std::vector<Rule> rules;
  RuleNames names;
  const Status read =
      ReadYamlFile(file, environment, [&](YamlReader& root) { ReadRules(root, names, rules); });
  if (!read) return read.error();
  return rules;
}

Result<std::vector<Rule>> LoadAllRules(const std::vector<fs::path>& files,
                                       const Environment& environment) {
  std::vector<Rule> all;
  std::map<std::string, fs::path> owners;
  for (const fs::path& file : files) {
    auto rules = LoadRules(file, environment);
    if (!rules) return rules.error();
    for (Rule& rule : *rules) {
      const auto [owner, is_free] = owners.try_emplace(rule.name, file);
      if (!is_free) {
        return Error{Code::kInvalidArgument, file.string() + ": a rule '" + rule.name + "' is in " +
                                                 owner->second.string() + " too"};
      }
      all.push_back(std::move(rule));
    }
  }
  return all;
}

std::string DescribeCondition(const Rule& rule) {
  const std::string series = ToString(Series{.metric = rule.metric, .labels = rule.labels});
  const std::string comparison = " " + std::string(ComparisonName(rule.comparison));
  if (rule.function == RuleFunction::kLast) return series + comparison;
  return std::string(FunctionName(rule.function)) + "(" + series + ") over " +
         FormatDuration(rule.window) + comparison;
}

std::string DescribeLevels(const Rule& rule) {
  std::string text;
  for (const RuleLevel& level : rule.levels) {
    if (!text.empty()) text += ", ";
    text += std::string(SeverityName(level.severity)) + " " + FormatValue(level.threshold);
    if (level.hold.count() > 0) text += " for " + FormatDuration(level.hold);
    if (level.clear) text += " clear " + FormatValue(*level.clear);
  }
  return text;
}

}  // namespace edgefeed
