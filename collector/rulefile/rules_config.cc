#include "collector/rulefile/rules_config.h"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "collector/rulefile/rule_config.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

// DIRECTORY/*.yaml as a shell would list them: nothing hidden.
Result<std::vector<fs::path>> FilesIn(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  if (error == std::errc::no_such_file_or_directory) return files;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    const bool hidden = path.filename().string().starts_with('.');
    if (path.extension() == ".yaml" && !hidden) files.push_back(path);
  }
  if (error) return ErrnoError(directory.string(), error.value());
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::optional<std::string> RuleNames::Claim(const std::string& name, const std::string& where) {
  const auto [owner, is_free] = owners_.try_emplace(name, "the rule at " + where);
  if (is_free) return std::nullopt;
  return owner->second;
}

void RuleNames::ClaimDefaults(const std::vector<Rule>& rules) {
  for (const Rule& rule : rules) {
    owners_.emplace(rule.name, "a default rule, which `rules: []` in collector.yaml leaves out");
  }
}

void ReadRules(YamlReader& root, RuleNames& names, std::vector<Rule>& rules) {
  root.ReadItems("rules", rules, [&](YamlReader& reader) {
    Rule rule = ReadRule(reader);
    if (rule.name.empty()) return rule;
    if (const auto owner = names.Claim(rule.name, reader.Where("name"))) {
      reader.Report("name", "'" + rule.name + "' is the name of " + *owner);
    }
    return rule;
  });
}

Status ReadRuleFiles(const fs::path& directory, const Environment& environment, RuleNames& names,
                     std::vector<Rule>& rules) {
  const auto files = FilesIn(directory);
  if (!files) return files.error();
  std::string problems;
  for (const fs::path& file : *files) {
    std::vector<Rule> added;
    const Status status =
        ReadYamlFile(file, environment, [&](YamlReader& root) { ReadRules(root, names, added); });
    if (!status) problems += (problems.empty() ? "" : "\n") + status.error().message;
    std::ranges::move(added, std::back_inserter(rules));
  }
  if (problems.empty()) return {};
  return Error{Code::kInvalidArgument, problems};
}

}  // namespace edgefeed
