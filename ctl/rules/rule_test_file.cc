#include "ctl/rules/rule_test_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "collector/rulefile/rule_override.h"
#include "collector/rulefile/rule_words.h"
#include "collector/rules/rule_set.h"
#include "common/config/scalars.h"
#include "common/config/suggest.h"
#include "common/config/yaml_reader.h"
#include "common/model/device.h"
#include "ctl/rules/rule_source.h"
#include "ctl/rules/value_notation.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr std::array<std::pair<std::string_view, AlertChange>, 3> kChanges = {
    {{"fired", AlertChange::kFired},
     {"escalated", AlertChange::kEscalated},
     {"resolved", AlertChange::kResolved}}};
constexpr auto kLongestInterval = 24h;
constexpr auto kLatest = 3650 * 24h;

Result<std::string> ParseDevice(std::string_view text) {
  if (const Status status = CheckDeviceName(text); !status) return status.error();
  return std::string(text);
}

Result<std::string> ParseRuleOf(const std::vector<Rule>& rules, std::string_view text) {
  if (std::ranges::find(rules, text, &Rule::name) != rules.end()) return std::string(text);
  std::vector<std::string> names;
  for (const Rule& rule : rules) names.push_back(rule.name);
  const auto closest = ClosestName(text, names);
  return Error{Code::kInvalidArgument,
               "there is no rule '" + std::string(text) + "'" +
                   (closest ? " (did you mean " + *closest + "?)" : " in these rule_files")};
}

// The one of fired, escalated and resolved that stands here.
void ReadChange(YamlReader& reader, const std::vector<Rule>& rules, ExpectedChange& expected) {
  std::string_view given;
  for (const auto& [key, change] : kChanges) {
    reader.Read(key, expected.rule,
                [&](std::string_view text) { return ParseRuleOf(rules, text); });
    if (!reader.Has(key)) continue;
    if (!given.empty()) reader.Report(key, "cannot be combined with " + std::string(given));
    given = key;
    expected.change = change;
  }
  if (given.empty()) reader.Report("fired", "is required, or escalated, or resolved");
}

ExpectedChange ReadExpected(YamlReader& reader, const std::vector<Rule>& rules) {
  ExpectedChange expected;
  expected.where = reader.Where("at");
  reader.Read("at", expected.at, DurationFrom(0ms, kLatest));
  reader.Require("at");
  ReadChange(reader, rules, expected);
  Labels labels;
  ReadLabels(reader, labels);
  if (reader.Has("labels")) expected.labels = std::move(labels);
  reader.Read("severity", expected.severity, ParseSeverity);
  reader.Read("value", expected.value, ParseReal);
  reader.Read("message", expected.message, ParseText);
  if (expected.change != AlertChange::kResolved) return expected;
  for (const std::string_view key : {"value", "message"}) {
    if (reader.Has(key)) reader.Report(key, "is of alerts that fire, and this is about the end");
  }
  return expected;
}

TestSeries ReadSeries(YamlReader& reader) {
  TestSeries series;
  reader.Read("metric", series.series.metric, ParseIdentifier);
  reader.Require("metric");
  ReadLabels(reader, series.series.labels);
  if (IsHeadline(series.series.metric) && !series.series.labels.empty()) {
    reader.Report("labels", "cpu_usage and memory_mb have none");
  }
  reader.Read("values", series.values, ParseValues);
  reader.Require("values");
  return series;
}

RuleTestCase ReadCase(YamlReader& reader, std::chrono::milliseconds interval,
                      const std::vector<Rule>& rules) {
  RuleTestCase test{.device = "device", .interval = interval};
  test.where = reader.Where("name");
  reader.Read("name", test.name, ParseText);
  reader.Require("name");
  reader.Read("device", test.device, ParseDevice);
  ReadLabels(reader, test.device_labels);
  reader.Read("interval", test.interval, DurationFrom(1ms, kLongestInterval));
  reader.ReadItems("series", test.series, ReadSeries);
  reader.Require("series");
  for (std::size_t i = 0; i < test.series.size(); ++i) {
    const auto later = std::span(test.series).subspan(i + 1);
    const Series& series = test.series[i].series;
    if (std::ranges::find(later, series, &TestSeries::series) != later.end()) {
      reader.Report("series", ToString(series) + " is there twice");
    }
  }
  reader.ReadItems("expect", test.expected,
                   [&](YamlReader& item) { return ReadExpected(item, rules); });
  reader.Require("expect");
  return test;
}

void ReadTests(YamlReader& root, const Environment& environment, RuleTestFile& tests) {
  std::vector<std::filesystem::path> files;
  root.ReadList("rule_files", files, PathIn(root.directory()), ListForm::kListOrOne);
  root.Require("rule_files");
  auto rules = LoadAllRules(files, environment);
  if (rules) {
    tests.rules = *std::move(rules);
  } else {
    root.Report("rule_files", rules.error().message);
  }
  std::chrono::milliseconds interval = 1s;
  root.Read("interval", interval, DurationFrom(1ms, kLongestInterval));
  root.ReadItems("tests", tests.cases,
                 [&](YamlReader& reader) { return ReadCase(reader, interval, tests.rules); });
  root.Require("tests");
}

}  // namespace

Result<RuleTestFile> LoadRuleTests(const std::filesystem::path& file,
                                   const Environment& environment) {
  RuleTestFile tests;
  const Status read = ReadYamlFile(file, environment,
                                   [&](YamlReader& root) { ReadTests(root, environment, tests); });
  if (!read) return read.error();
  return tests;
}

}  // namespace edgefeed
