#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/rules/device_rules.h"
#include "collector/rules/rule.h"
#include "collector/rules/rule_set.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/model/alert_event.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed {

// One look at a device's rules: what it is about, and what comes of it.
struct RuleVisit {
  const std::string& name;
  DeviceRules& device;
  RuleTrack& track;
  SteadyTime now;
  WallTime wall_now;
  WallTime time;                    // What alerts are dated by: of the sample, or the collector's.
  std::optional<WallTime> on_line;  // Of the sample, on the track's timeline.

  std::vector<AlertEvent> events;
  bool firing_changed = false;
  bool state_changed = false;          // Something another run of the collector would have to know.
  std::optional<SteadyTime> check_by;  // When something may be missing.

  [[nodiscard]] bool late() const { return &track != &device.live; }
};

// Holds the states of a device's rules against what there is to be judged. Keeps nothing itself.
class RuleJudge {
 public:
  // What the windows of a device may hold together, and one value each beyond that. Then a window
  // forgets its oldest value for a new one.
  static constexpr std::size_t kMaxWindowValues = 65'536;

  // `rules` and `series` are those that devices and samples refer to; all must outlive it.
  RuleJudge(RuleSet& rules, const SeriesTable& series, const DeviceMailbox::Limits& letter_limits,
            CollectorStats& stats)
      : rules_(rules), series_(series), letter_limits_(letter_limits), stats_(stats) {}

  // The device has sent a sample.
  void Judge(RuleVisit& visit, const Sample& sample);
  // It has said something, if only that it is there.
  void JudgeHeard(RuleVisit& visit);
  // It may have been silent for too long, or have stopped sending some of its series.
  void JudgeSilence(RuleVisit& visit);
  // When JudgeSilence() may have something to say, if nothing comes until then. At least a second
  // from now, unless a rule was just about to fire.
  [[nodiscard]] std::optional<SteadyTime> NextCheck(const DeviceRules& device, SteadyTime now,
                                                    WallTime wall_now) const;

  // The rule of a firing instance is not there any more, or another one.
  void JudgeGone(RuleVisit& visit, const std::string& rule, const Series& series,
                 RuleKind kind) const;

  [[nodiscard]] Series SeriesOf(const InstanceKey& key) const;
  static const Labels& LabelsOf(const DeviceRules& device);
  // An empty one. Precondition: the rule's function is not kLast.
  static SampleWindow WindowOf(const Rule& rule);

 private:
  void Check(RuleVisit& visit, const InstanceKey& key, double value);
  // Null: the value gives nothing to remember.
  static RuleInstance* FindInstance(RuleVisit& visit, const Rule& rule, const Condition& condition,
                                    const InstanceKey& key, double value);
  std::optional<double> Judged(const RuleVisit& visit, const Rule& rule, RuleInstance& instance,
                               double value);
  void JudgeOffline(RuleVisit& visit, std::size_t rule, double silent_seconds);
  void JudgeNoData(RuleVisit& visit, const InstanceKey& key, RuleInstance& instance);
  void Apply(RuleVisit& visit, const InstanceKey& key, double value,
             const std::optional<Transition>& transition) const;
  [[nodiscard]] AlertEvent EventOf(const RuleVisit& visit, const InstanceKey& key, double value,
                                   AlertChange change, std::size_t level) const;
  void Report(RuleVisit& visit, AlertEvent event) const;

  RuleSet& rules_;
  const SeriesTable& series_;
  const DeviceMailbox::Limits& letter_limits_;
  CollectorStats& stats_;
};

}  // namespace edgefeed
