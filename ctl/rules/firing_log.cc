#include "ctl/rules/firing_log.h"

#include <algorithm>
#include <utility>

namespace edgefeed {

FiringLog::FiringLog(const std::vector<Rule>& rules, WallTime end) : end_(end) {
  for (const Rule& rule : rules) {
    totals_.push_back({.rule = rule.name, .devices = {}});
    if (rule.comparison == Comparison::kBelow) below_.insert(rule.name);
  }
}

std::optional<Firing> FiringLog::Take(const std::string& device, const RuleChange& change) {
  const Key key{change.rule, change.series};
  const auto found = open_.find(key);
  if (change.change == AlertChange::kResolved) {
    if (found == open_.end()) return std::nullopt;
    Firing ended = std::move(found->second);
    open_.erase(found);
    ended.resolved = change.time;
    Count(ended);
    return ended;
  }
  if (found != open_.end()) {
    Update(found->second, change);
  } else {
    open_.emplace(key, Firing{.device = device,
                              .rule = change.rule,
                              .series = change.series,
                              .severity = change.severity,
                              .fired = change.time,
                              .resolved = {},
                              .worst = change.value,
                              .message = change.message});
  }
  return std::nullopt;
}

std::vector<Firing> FiringLog::TakeOpen() {
  std::vector<Firing> open;
  for (auto& [key, firing] : std::exchange(open_, {})) {
    Count(firing);
    open.push_back(std::move(firing));
  }
  return open;
}

void FiringLog::Update(Firing& firing, const RuleChange& change) const {
  firing.worst = below_.contains(change.rule) ? std::min(firing.worst, change.value)
                                              : std::max(firing.worst, change.value);
  if (change.severity <= firing.severity) return;
  firing.severity = change.severity;
  firing.message = change.message;
}

void FiringLog::Count(const Firing& firing) {
  const auto total = std::ranges::find(totals_, firing.rule, &RuleTotal::rule);
  if (total == totals_.end()) return;
  ++total->times;
  total->devices.insert(firing.device);
  total->firing += LengthOf(firing);
}

}  // namespace edgefeed
