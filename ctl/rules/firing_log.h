#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collector/rules/rule.h"
#include "ctl/rules/dry_run.h"

namespace edgefeed {

// An alert from its beginning to its end.
struct Firing {
  std::string device;
  std::string rule;
  Series series;
  Severity severity = Severity::kWarning;  // The worst.
  WallTime fired;
  std::optional<WallTime> resolved;  // Nothing: not within the time looked at.
  double worst = 0;                  // The value furthest beyond the threshold.
  std::string message;               // When it fired, or became the worst it was.
};

// What the firings of a rule come to.
struct RuleTotal {
  std::string rule;
  std::size_t times = 0;
  std::set<std::string> devices;
  std::chrono::milliseconds firing{0};  // All together.
};

// Makes firings of changes, device after device.
class FiringLog {
 public:
  // `end`: of the time looked at.
  FiringLog(const std::vector<Rule>& rules, WallTime end);

  // In order of time. The firing that has ended with it, if one has.
  std::optional<Firing> Take(const std::string& device, const RuleChange& change);
  // Those that have not ended. The next device begins.
  std::vector<Firing> TakeOpen();

  // In the order of the rules.
  [[nodiscard]] const std::vector<RuleTotal>& totals() const { return totals_; }
  // How long it has fired within the time looked at.
  [[nodiscard]] std::chrono::milliseconds LengthOf(const Firing& firing) const {
    return firing.resolved.value_or(end_) - firing.fired;
  }

 private:
  using Key = std::pair<std::string, Series>;

  void Update(Firing& firing, const RuleChange& change) const;
  void Count(const Firing& firing);

  WallTime end_;
  std::set<std::string> below_;  // The rules for which a smaller value is worse.
  std::vector<RuleTotal> totals_;
  std::map<Key, Firing> open_;
};

}  // namespace edgefeed
