#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ctl/render/line.h"
#include "ctl/rules/firing_log.h"

namespace edgefeed {

// What would have fired, in order.
std::vector<Line> FiringTable(const std::vector<Firing>& firings, const FiringLog& log);
// A line for each rule.
std::vector<Line> TotalsTable(const std::vector<RuleTotal>& totals);
// As a JSON object on one line.
std::string FiringJson(const Firing& firing, std::chrono::milliseconds length);

}  // namespace edgefeed
