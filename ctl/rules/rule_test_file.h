#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "collector/rules/rule.h"
#include "common/base/result.h"
#include "common/config/environment.h"
#include "common/model/alert_event.h"
#include "common/model/series.h"
#include "common/model/severity.h"

namespace edgefeed {

// One line of what a test expects; what is empty may be anything.
struct ExpectedChange {
  std::string where;  // "file:line:column"
  std::chrono::milliseconds at{0};
  AlertChange change = AlertChange::kFired;  // kFired, kEscalated or kResolved.
  std::string rule;
  std::optional<Labels> labels;  // Of the series, all of them.
  std::optional<Severity> severity;
  std::optional<double> value;
  std::optional<std::string> message;
};

struct TestSeries {
  Series series;
  std::vector<std::optional<double>> values;  // One for each interval.
};

// What a device measures, and all that the rules have to say to it.
struct RuleTestCase {
  std::string where;
  std::string name;
  std::string device;
  Labels device_labels;
  std::chrono::milliseconds interval{0};
  std::vector<TestSeries> series;
  std::vector<ExpectedChange> expected;
};

struct RuleTestFile {
  std::vector<Rule> rules;
  std::vector<RuleTestCase> cases;
};

// docs/RULES.md describes it. INVALID_ARGUMENT: one line for each thing that is wrong, in the file
// or in the files of rules that it names.
Result<RuleTestFile> LoadRuleTests(const std::filesystem::path& file,
                                   const Environment& environment);

}  // namespace edgefeed
