#include "ctl/rules/rule_test.h"

#include <algorithm>
#include <cmath>

#include "collector/rules/message_template.h"
#include "common/base/json.h"
#include "common/base/units.h"
#include "ctl/rules/change_name.h"

namespace edgefeed {
namespace {

// As much as a value of a test is worth writing down.
bool SameValue(double a, double b) {
  constexpr double kTolerance = 1e-6;
  return std::abs(a - b) <= kTolerance * std::max({1.0, std::abs(a), std::abs(b)});
}

template <typename T>
bool Agrees(const std::optional<T>& expected, const T& got) {
  return !expected || *expected == got;
}

bool Matches(const ExpectedChange& expected, const RuleChange& change) {
  return expected.at == change.time - kTestStart && expected.change == change.change &&
         expected.rule == change.rule && Agrees(expected.labels, change.series.labels) &&
         Agrees(expected.severity, change.severity) && Agrees(expected.message, change.message) &&
         (!expected.value || SameValue(*expected.value, change.value));
}

std::string Describe(const ExpectedChange& expected) {
  std::string text = FormatDuration(expected.at) + " " + std::string(ChangeName(expected.change)) +
                     " " + ToString({expected.rule, expected.labels.value_or(Labels{})});
  if (expected.severity) text += ", " + std::string(SeverityName(*expected.severity));
  if (expected.value) text += ", value " + FormatValue(*expected.value);
  if (expected.message) text += ", message " + JsonString(*expected.message);
  return text;
}

std::string Describe(const RuleChange& change) {
  const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(change.time - kTestStart);
  std::string text = FormatDuration(at) + " " + std::string(ChangeName(change.change)) + " " +
                     ToString({change.rule, change.series.labels}) + ", " +
                     std::string(SeverityName(change.severity));
  if (change.change == AlertChange::kResolved) return text;
  return text + ", value " + FormatValue(change.value) + ", message " + JsonString(change.message);
}

}  // namespace

std::vector<RuleChange> RunRuleTest(const std::vector<Rule>& rules, const RuleTestCase& test) {
  DryRun judge(rules, test.device, test.device_labels);
  std::size_t length = 0;
  for (const TestSeries& series : test.series) length = std::max(length, series.values.size());
  std::vector<RuleChange> changes;
  for (std::size_t i = 0; i < length; ++i) {
    std::vector<DeviceReading> values;
    for (const TestSeries& series : test.series) {
      if (i >= series.values.size() || !series.values[i]) continue;
      values.push_back({.series = series.series, .value = *series.values[i]});
    }
    if (values.empty()) continue;
    for (RuleChange& change : judge.Observe(kTestStart + i * test.interval, values)) {
      if (change.change != AlertChange::kRepeated) changes.push_back(std::move(change));
    }
  }
  return changes;
}

std::vector<DiffLine> CompareChanges(const std::vector<ExpectedChange>& expected,
                                     const std::vector<RuleChange>& changes) {
  std::vector<DiffLine> lines;
  std::vector<bool> matched(changes.size());
  for (const ExpectedChange& each : expected) {
    DiffLine line{
        .mark = DiffMark::kMissing, .at = each.at, .text = Describe(each), .where = each.where};
    for (std::size_t i = 0; i < changes.size() && line.mark == DiffMark::kMissing; ++i) {
      if (matched[i] || !Matches(each, changes[i])) continue;
      matched[i] = true;
      line.mark = DiffMark::kSame;
    }
    lines.push_back(std::move(line));
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (matched[i]) continue;
    lines.push_back(
        {.mark = DiffMark::kUnexpected,
         .at = std::chrono::duration_cast<std::chrono::milliseconds>(changes[i].time - kTestStart),
         .text = Describe(changes[i]),
         .where = {}});
  }
  std::ranges::stable_sort(lines, {}, &DiffLine::at);
  return lines;
}

bool IsSame(const std::vector<DiffLine>& lines) {
  return std::ranges::all_of(lines,
                             [](const DiffLine& line) { return line.mark == DiffMark::kSame; });
}

}  // namespace edgefeed
