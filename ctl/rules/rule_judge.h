#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "collector/rules/rule.h"
#include "collector/rules/rule_engine.h"
#include "collector/stats.h"
#include "common/model/alert_event.h"
#include "ctl/client.h"
#include "ctl/rules/stepped_scheduler.h"

namespace edgefeed {

// What a rule says of a series at one moment.
struct RuleChange {
  WallTime time;
  AlertChange change = AlertChange::kFired;  // kFired, kEscalated, kRepeated or kResolved.
  std::string rule;
  Series series;
  Severity severity = Severity::kWarning;  // Of kResolved, at which it fired.
  // Both are of those that fire.
  double value = 0;  // That was judged.
  std::string message;
};

// The collector's rules on one device, after the fact: nothing is sent to anybody. The only place
// of edgefeedctl that knows the RuleEngine.
class RuleJudge {
 public:
  RuleJudge(std::vector<Rule> rules, std::string device, Labels device_labels);

  // One sample, received when it was taken; in order of time. A rule that fires says so each time:
  // kRepeated, whatever its repeat_interval is.
  std::vector<RuleChange> Observe(WallTime time, std::span<const DeviceReading> values);

 private:
  // A rule on one series: an engine of its own tells which series resolves.
  struct Watch {
    std::string rule;
    std::unique_ptr<RuleEngine> engine;
    std::optional<Severity> firing;
  };
  struct Watched {
    SeriesId id = 0;
    std::vector<Watch> watches;
  };

  void Add(const Series& series);
  static Sample SampleOf(WallTime time, const Series& series, SeriesId id,
                         std::optional<double> value);
  std::optional<RuleChange> Feed(Watch& watch, const Series& series, const Sample& sample);

  std::vector<Rule> rules_;
  std::string device_;
  std::shared_ptr<const DeviceInfo> info_;
  SteppedScheduler scheduler_;
  CollectorStats stats_;
  SeriesTable table_;
  std::map<Series, Watched> watched_;
};

}  // namespace edgefeed
