#pragma once

#include <string>
#include <vector>

#include "collector/rules/rule.h"
#include "ctl/rules/dry_run.h"
#include "ctl/rules/rule_test_file.h"

namespace edgefeed {

// When the first sample of a test is taken.
constexpr WallTime kTestStart{std::chrono::hours(24 * 365)};

enum class DiffMark { kSame, kMissing, kUnexpected };

// A line of the difference between what a test expects and what comes.
struct DiffLine {
  DiffMark mark = DiffMark::kSame;
  std::chrono::milliseconds at{0};
  std::string text;   // "1m fired ROOM_HOT{zone="a"}, critical, value 80"
  std::string where;  // Of the expectation; empty: kUnexpected.
};

// What the rules make of the test's series; without kRepeated.
std::vector<RuleChange> RunRuleTest(const std::vector<Rule>& rules, const RuleTestCase& test);

// In order of time. `changes` need not be in the order of `expected` within a moment.
std::vector<DiffLine> CompareChanges(const std::vector<ExpectedChange>& expected,
                                     const std::vector<RuleChange>& changes);

// Whether all that was expected came, and nothing else.
bool IsSame(const std::vector<DiffLine>& lines);

}  // namespace edgefeed
