#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "collector/rules/device_mailbox.h"
#include "collector/rules/device_timeline.h"
#include "collector/rules/effective_rule.h"
#include "collector/rules/rule_state.h"
#include "collector/rules/sample_window.h"
#include "common/base/clock.h"
#include "common/model/device.h"
#include "common/model/series.h"

// What the rule engine knows of one device.
namespace edgefeed {

// Stands for the fields that every payload has, and for the device as a whole.
constexpr SeriesId kHeadlineSeries = ~SeriesId{0};

// One rule, by its number in the RuleSet, on one series.
struct InstanceKey {
  std::size_t rule = 0;
  SeriesId series = kHeadlineSeries;
  friend bool operator==(const InstanceKey&, const InstanceKey&) = default;
};

struct InstanceKeyHash {
  std::size_t operator()(const InstanceKey& key) const {
    return key.rule * 0x9e3779b1 ^ key.series;
  }
};

// Exists only while there is something to remember: most values are fine.
struct RuleInstance {
  RuleState state;
  std::optional<SampleWindow> window;
  SteadyTime last_value;
  bool no_data = false;
  // Its window was lost with the collector's last run: what it makes of fewer values than before
  // changes nothing until there are as many again.
  bool window_refills = false;
  std::optional<WallTime> refilled;  // From here on it judges again.
};

using RuleInstances = std::unordered_map<InstanceKey, RuleInstance, InstanceKeyHash>;

// The rules' way through samples in one order.
struct RuleTrack {
  DeviceTimeline timeline;
  RuleInstances instances;
};

// Backlog comes late, and in between what is live: it has a track of its own, as long as it comes.
struct LateTrack : RuleTrack {
  SteadyTime last_sample;
};

struct DeviceRules {
  std::shared_ptr<const DeviceInfo> info;   // Null: an original client, which does not say.
  std::vector<const EffectiveRule*> rules;  // By number; null where there is nothing to check.
  RuleTrack live;
  std::unique_ptr<LateTrack> late;
  std::size_t window_values = 0;  // Of all instances.
  DeviceMailbox mailbox;
  SteadyTime last_heard;
  std::optional<SteadyTime> check_due;  // When to look whether something is missing.
  bool unsaved = false;                 // Waits to be written down.
};

}  // namespace edgefeed
