#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "collector/rules/rule.h"
#include "common/base/result.h"
#include "common/config/environment.h"

namespace edgefeed {

// The rules that a file would put in force: of a collector.yaml, with those of rules.d beside it;
// of a file in a rules.d, its own. INVALID_ARGUMENT: one line for each thing that is wrong.
Result<std::vector<Rule>> LoadRules(const std::filesystem::path& file,
                                    const Environment& environment);

// Those of several files together. Names must be unique.
Result<std::vector<Rule>> LoadAllRules(const std::vector<std::filesystem::path>& files,
                                       const Environment& environment);

// "avg(temperature_celsius{zone="a"}) over 5m above"
std::string DescribeCondition(const Rule& rule);
// "warning 75 for 1m, critical 90"
std::string DescribeLevels(const Rule& rule);

}  // namespace edgefeed
