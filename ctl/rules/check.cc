#include "ctl/rules/check.h"

#include "common/base/json.h"
#include "common/base/safe_text.h"
#include "ctl/render/human.h"
#include "ctl/render/table.h"
#include "ctl/rules/rule_source.h"

namespace edgefeed {
namespace {

std::vector<Line> TableOf(const std::vector<Rule>& rules) {
  Table table({{"NAME"}, {"WHAT"}, {"LEVELS"}, {"OVERRIDES", Align::kRight}});
  for (const Rule& rule : rules) {
    table.Add({{SafeText(rule.name)},
               {SafeText(DescribeCondition(rule))},
               {SafeText(DescribeLevels(rule))},
               {std::to_string(rule.overrides.size())}});
  }
  return table.Lines();
}

std::string RuleJson(const std::string& file, const Rule& rule) {
  JsonLine line;
  line.Add("file", file);
  line.Add("rule", rule.name);
  line.Add("what", DescribeCondition(rule));
  line.Add("levels", DescribeLevels(rule));
  line.Add("overrides", rule.overrides.size());
  return line.text();
}

void Print(const std::string& file, const std::vector<Rule>& rules, const CtlOptions& options,
           Console& console) {
  if (options.json) {
    for (const Rule& rule : rules) console.out << RuleJson(file, rule) << '\n';
    return;
  }
  console.out << SafeText(file) << ": " << Counted(rules.size(), "rule") << '\n';
  if (!rules.empty()) console.out << RenderLines(TableOf(rules), console.colour);
}

}  // namespace

Status RunRulesCheck(const CtlOptions& options, const Environment& environment, Console& console) {
  std::size_t bad = 0;
  for (const std::string& file : options.rules.files) {
    const auto rules = LoadRules(file, environment);
    if (rules) {
      Print(file, *rules, options, console);
      continue;
    }
    ++bad;
    console.err << rules.error().message << '\n';
  }
  if (bad == 0) return {};
  return Error{
      Code::kInvalidArgument,
      std::to_string(bad) + " of " + Counted(options.rules.files.size(), "file") + " not valid"};
}

}  // namespace edgefeed
