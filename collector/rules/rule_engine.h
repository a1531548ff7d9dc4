#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/ports.h"
#include "collector/rules/device_timeline.h"
#include "collector/rules/effective_rule.h"
#include "collector/rules/rule.h"
#include "collector/rules/rule_set.h"
#include "collector/rules/rule_state.h"
#include "collector/rules/sample_window.h"
#include "collector/stats.h"
#include "common/model/series.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Checks each sample of one shard's devices against the rules as it arrives. A rule on a metric
// with labels (one value per disk, say) fires for each of them by itself. On the shard's engine
// strand.
class RuleEngine final : public RuleEvaluator {
 public:
  // What the windows of a device may hold together, and one value each beyond that. Then a window
  // forgets its oldest value for a new one.
  static constexpr std::size_t kMaxWindowValues = 65'536;

  // `series` numbers the readings of the samples; all must outlive the engine.
  RuleEngine(Scheduler& scheduler, const SeriesTable& series, CollectorStats& stats,
             AlertRecorder* recorder = nullptr)
      : scheduler_(scheduler), series_(series), stats_(stats), recorder_(recorder) {}

  // Replaces the rules. A rule of the same name and condition keeps its state on each device where
  // its levels stay; its message, repeat_interval and overrides for other devices do not matter.
  void SetRules(std::vector<Rule> rules);

  Verdict Observe(const std::string& name, const Sample& sample) override;
  bool Describe(const std::string& name, const std::shared_ptr<const DeviceInfo>& info) override;
  [[nodiscard]] std::vector<std::string> Firing(const std::string& name) const override;

 private:
  // One rule on one series; kHeadline stands for the fields that every payload has.
  struct Key {
    std::size_t rule = 0;
    SeriesId series = kHeadline;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key.rule * 0x9e3779b1 ^ key.series; }
  };
  // Those of `last` exist only while there is something to remember: most values are fine.
  struct Instance {
    RuleState state;
    std::optional<SampleWindow> window;
  };
  using Instances = std::unordered_map<Key, Instance, KeyHash>;
  struct Device {
    std::shared_ptr<const DeviceInfo> info;  // Null: an original client, which does not say.
    DeviceTimeline timeline;
    std::vector<const EffectiveRule*> rules;  // By rule; null where there is nothing to check.
    Instances instances;
    std::size_t window_values = 0;  // Of all instances.
  };
  // One sample on its way through the rules.
  struct Visit {
    const std::string& name;
    Device& device;
    const Sample& sample;
    WallTime time;  // On the device's timeline.
    WallTime now;
    Verdict verdict;
    std::vector<AlertEvent> events;
  };
  static constexpr SeriesId kHeadline = ~SeriesId{0};
  // The number of each rule among other rules, if it is there.
  using Renumbering = std::vector<std::optional<std::size_t>>;

  static const Labels& LabelsOf(const Device& device);
  Device& Find(const std::string& name);
  // True when a rule that fired does not any more.
  bool Rematch(const std::string& name, Device& device, const Renumbering& renumbering);

  void Check(Visit& visit, const Key& key, double value);
  // Null: the value gives nothing to remember.
  static Instance* FindInstance(Device& device, const Rule& rule, const Condition& condition,
                                const Key& key, double value);
  std::optional<double> Judged(const Visit& visit, Instance& instance, double value);
  AlertEvent EventOf(const Visit& visit, const Key& key, double value,
                     const Transition& transition) const;
  void Report(Visit& visit, const Key& key, double value, const Transition& transition) const;

  Scheduler& scheduler_;
  const SeriesTable& series_;
  CollectorStats& stats_;
  AlertRecorder* recorder_;
  RuleSet rules_;
  std::unordered_map<std::string, Device> devices_;
};

}  // namespace edgefeed
