#include "ctl/rules/test.h"

#include "common/base/json.h"
#include "common/base/safe_text.h"
#include "ctl/render/human.h"
#include "ctl/rules/rule_test.h"

namespace edgefeed {
namespace {

void AddLines(JsonLine& json, const char* key, DiffMark mark, const std::vector<DiffLine>& lines) {
  json.BeginArray(key);
  for (const DiffLine& line : lines) {
    if (line.mark != mark) continue;
    json.BeginObject("");
    json.Add("what", line.text);
    if (!line.where.empty()) json.Add("where", line.where);
    json.End();
  }
  json.End();
}

std::string CaseJson(const RuleTestCase& test, const std::vector<DiffLine>& lines) {
  JsonLine json;
  json.Add("name", test.name);
  json.Add("where", test.where);
  json.Add("passed", IsSame(lines));
  AddLines(json, "missing", DiffMark::kMissing, lines);
  AddLines(json, "unexpected", DiffMark::kUnexpected, lines);
  return json.text();
}

Line DiffText(const DiffLine& line) {
  switch (line.mark) {
    case DiffMark::kSame: return {{"    " + SafeText(line.text)}};
    case DiffMark::kUnexpected: return {{"  + " + SafeText(line.text), Style::kGood}};
    case DiffMark::kMissing: break;
  }
  return {{"  - " + SafeText(line.text), Style::kBad},
          {"  (" + SafeText(line.where) + ")", Style::kDim}};
}

void PrintCase(const RuleTestCase& test, const std::vector<DiffLine>& lines, Console& console) {
  if (IsSame(lines)) {
    console.out << "ok    " << SafeText(test.name) << '\n';
    return;
  }
  std::vector<Line> text = {
      {{"FAIL  ", Style::kBad}, {SafeText(test.name)}, {"  (" + SafeText(test.where) + ")"}},
      {{"  - expected, + came", Style::kDim}}};
  for (const DiffLine& line : lines) text.push_back(DiffText(line));
  console.out << RenderLines(text, console.colour);
}

}  // namespace

Status RunRulesTest(const CtlOptions& options, const Environment& environment, Console& console) {
  std::size_t cases = 0;
  std::size_t failed = 0;
  std::size_t bad_files = 0;
  for (const std::string& file : options.rules.files) {
    const auto tests = LoadRuleTests(file, environment);
    if (!tests) {
      ++bad_files;
      console.err << tests.error().message << '\n';
      continue;
    }
    for (const RuleTestCase& test : tests->cases) {
      const auto lines = CompareChanges(test.expected, RunRuleTest(tests->rules, test));
      ++cases;
      if (!IsSame(lines)) ++failed;
      if (options.json) {
        console.out << CaseJson(test, lines) << '\n';
      } else {
        PrintCase(test, lines, console);
      }
    }
  }
  if (failed == 0 && bad_files == 0) {
    if (!options.json) console.out << Counted(cases, "test") << " passed\n";
    return {};
  }
  std::string what;
  if (failed > 0) what = std::to_string(failed) + " of " + Counted(cases, "test") + " failed";
  if (bad_files > 0) what += (what.empty() ? "" : ", ") + Counted(bad_files, "file") + " not valid";
  return Error{Code::kFailedPrecondition, what};
}

}  // namespace edgefeed
