#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/rules/rule.h"
#include "common/base/result.h"
#include "common/config/environment.h"
#include "common/config/yaml_reader.h"

namespace edgefeed {

// Beside collector.yaml.
constexpr std::string_view kRulesDirectory = "rules.d";

// Which names are taken, and by what.
class RuleNames {
 public:
  // Empty when the name was free; else what has it: "the rule at c.yaml:3:5".
  std::optional<std::string> Claim(const std::string& name, const std::string& where);
  // The rules that are in force because the file has no `rules`.
  void ClaimDefaults(const std::vector<Rule>& rules);

 private:
  std::map<std::string, std::string> owners_;
};

// Reads the list `rules`, which replaces those that there are.
void ReadRules(YamlReader& root, RuleNames& names, std::vector<Rule>& rules);

// Adds the rules of each DIRECTORY/*.yaml, in order of the files' names. No directory is no rules.
// INVALID_ARGUMENT: one line for each thing that is wrong, of all files.
Status ReadRuleFiles(const std::filesystem::path& directory, const Environment& environment,
                     RuleNames& names, std::vector<Rule>& rules);

}  // namespace edgefeed
