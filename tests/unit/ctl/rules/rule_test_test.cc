#include "ctl/rules/rule_test.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

Rule Ladder() {
  Rule rule = ThresholdRule("HOT", "t", Comparison::kAbove, 75);
  rule.levels.push_back({.severity = Severity::kCritical, .threshold = 90});
  return rule;
}

RuleTestCase Case(std::vector<TestSeries> series) {
  return {.where = "t.yaml:1:1",
          .name = "case",
          .device = "cam",
          .device_labels = {},
          .interval = 10s,
          .series = std::move(series),
          .expected = {}};
}

ExpectedChange Expect(std::chrono::seconds at, AlertChange change) {
  ExpectedChange expected;
  expected.where = "t.yaml:2:2";
  expected.at = at;
  expected.change = change;
  expected.rule = "HOT";
  return expected;
}

std::vector<DiffMark> Marks(const std::vector<DiffLine>& lines) {
  std::vector<DiffMark> marks;
  for (const DiffLine& line : lines) marks.push_back(line.mark);
  return marks;
}

TEST_CASE("a ladder fires, escalates and resolves; each series by itself") {
  const Series a{"t", {{"zone", "a"}}};
  const Series b{"t", {{"zone", "b"}}};
  const auto changes = RunRuleTest(
      {Ladder()}, Case({{a, {70, 80, 80, 95, 60}}, {b, {10, std::nullopt, 76, 10, 10}}}));
  REQUIRE(changes.size() == 5);
  CHECK(changes[0].change == AlertChange::kFired);
  CHECK(changes[0].time == kTestStart + 10s);
  CHECK(changes[0].series == a);
  CHECK(changes[1].change == AlertChange::kFired);
  CHECK(changes[1].series == b);
  CHECK(changes[1].value == 76);
  const auto escalated = std::ranges::find(changes, AlertChange::kEscalated, &RuleChange::change);
  REQUIRE(escalated != changes.end());
  CHECK(escalated->severity == Severity::kCritical);
  CHECK(changes[4].change == AlertChange::kResolved);
  CHECK(changes[4].severity == Severity::kCritical);
}

TEST_CASE("the labels of the device choose rules") {
  Rule rule = Ladder();
  rule.match.labels = {{"site", "lab"}};
  auto test = Case({{{"t", {}}, {80}}});
  CHECK(RunRuleTest({rule}, test).empty());
  test.device_labels = {{"site", "lab"}};
  CHECK(RunRuleTest({rule}, test).size() == 1);
}

TEST_CASE("what comes as expected is no difference, whatever is left open") {
  const auto changes = RunRuleTest({Ladder()}, Case({{{"t", {}}, {80, 70}}}));
  auto fired = Expect(0s, AlertChange::kFired);
  fired.severity = Severity::kWarning;
  fired.value = 80.00001;
  fired.message = "cam: t is 80, above 75";
  const auto lines = CompareChanges({fired, Expect(10s, AlertChange::kResolved)}, changes);
  CHECK(IsSame(lines));
  CHECK(lines[0].text == "0s fired HOT, warning, value 80, message \"cam: t is 80, above 75\"");
}

TEST_CASE("each thing that is said must agree") {
  const auto changes = RunRuleTest({Ladder()}, Case({{{"t", {}}, {80}}}));
  const std::vector<std::function<void(ExpectedChange&)>> mistakes = {
      [](ExpectedChange& wrong) { wrong.at = 1s; },
      [](ExpectedChange& wrong) { wrong.change = AlertChange::kEscalated; },
      [](ExpectedChange& wrong) { wrong.rule = "COLD"; },
      [](ExpectedChange& wrong) { wrong.labels = Labels{{"zone", "a"}}; },
      [](ExpectedChange& wrong) { wrong.severity = Severity::kCritical; },
      [](ExpectedChange& wrong) { wrong.value = 80.1; },
      [](ExpectedChange& wrong) { wrong.message = "cam"; }};
  CHECK(IsSame(CompareChanges({Expect(0s, AlertChange::kFired)}, changes)));
  for (const auto& make : mistakes) {
    auto wrong = Expect(0s, AlertChange::kFired);
    make(wrong);
    const auto marks = Marks(CompareChanges({wrong}, changes));
    CHECK(std::ranges::count(marks, DiffMark::kMissing) == 1);
    CHECK(std::ranges::count(marks, DiffMark::kUnexpected) == 1);
  }
}

TEST_CASE("what did not come and what was not expected stand in order of time") {
  const auto changes = RunRuleTest({Ladder()}, Case({{{"t", {}}, {80, 70}}}));
  const auto lines =
      CompareChanges({Expect(0s, AlertChange::kFired), Expect(20s, AlertChange::kFired)}, changes);
  CHECK(Marks(lines) ==
        std::vector<DiffMark>{DiffMark::kSame, DiffMark::kUnexpected, DiffMark::kMissing});
  CHECK(lines[1].text == "10s resolved HOT, warning");
  CHECK(lines[2].where == "t.yaml:2:2");
}

TEST_CASE("one change meets one expectation") {
  const auto changes = RunRuleTest({Ladder()}, Case({{{"t", {}}, {80}}}));
  const auto fired = Expect(0s, AlertChange::kFired);
  CHECK_FALSE(IsSame(CompareChanges({fired, fired}, changes)));
}

}  // namespace
}  // namespace edgefeed
