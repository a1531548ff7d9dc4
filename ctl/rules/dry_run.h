#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/ports.h"
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
class DryRun {
 public:
  DryRun(std::vector<Rule> rules, std::string device, Labels device_labels);

  // One sample, received when it was taken; in order of time. A rule that fires says so each time:
  // kRepeated, whatever its repeat_interval is. With it comes what was due since the sample before.
  std::vector<RuleChange> Observe(WallTime time, std::span<const DeviceReading> values);

 private:
  class Changes final : public AlertRecorder {
   public:
    void Record(std::vector<AlertEvent> events, DeviceRuleState state) override;
    std::vector<RuleChange> Take() { return std::exchange(changes_, {}); }

   private:
    std::vector<RuleChange> changes_;
  };
  // Nobody shows the device.
  class NoFleet final : public FleetUpdates {
   public:
    Status Admit(const std::string& /*device*/) override { return {}; }
    void Connected(const std::string& /*device*/, const std::string& /*address*/) override {}
    void Disconnected(const std::string& /*device*/) override {}
    void Update(const std::string& /*device*/, Sample /*sample*/, Lane /*lane*/) override {}
    void Describe(const std::string& /*device*/,
                  const std::shared_ptr<const DeviceInfo>& /*info*/) override {}
    void SetFiring(const std::string& /*device*/, std::vector<std::string> /*rules*/) override {}
  };

  std::unique_ptr<RuleEngine> EngineOf(std::vector<Rule> rules, const Labels& device_labels);

  std::string device_;
  SteppedScheduler scheduler_;
  CollectorStats stats_;
  SeriesTable table_;
  Changes changes_;
  NoFleet fleet_;
  // Every sample has values of cpu_usage and memory_mb, but not every case that is tried: their
  // rules have engines of their own, which hear only of samples with a value.
  std::unique_ptr<RuleEngine> cpu_;
  std::unique_ptr<RuleEngine> memory_;
  std::unique_ptr<RuleEngine> others_;
};

}  // namespace edgefeed
