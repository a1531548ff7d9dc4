#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collector/ports.h"
#include "collector/rules/device_rules.h"
#include "collector/rules/due_list.h"
#include "collector/rules/rule.h"
#include "collector/rules/rule_judge.h"
#include "collector/rules/rule_set.h"
#include "collector/stats.h"
#include "common/model/series.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// How a device was when the collector stopped.
struct DeviceBefore {
  std::string_view state;               // DeviceRuleState::bytes.
  std::chrono::milliseconds silent{0};  // Since it was last heard of, without the time since then.
  std::chrono::milliseconds down{0};    // For how long the collector was not there.
};

// Checks what comes of one shard's devices against the rules as it arrives, and what does not come
// in time. A rule on a metric with labels (one value per disk, say) fires for each of them by
// itself. On the shard's engine strand.
class RuleEngine final : public RuleEvaluator, public DeviceAlerts {
 public:
  // A state without an alert gets to the recorder within this.
  static constexpr std::chrono::milliseconds kSaveWithin{250};

  // `series` numbers the readings of the samples; all must outlive the engine.
  RuleEngine(Scheduler& scheduler, SeriesTable& series, FleetUpdates& fleet,
             AlertRecorder& recorder, CollectorStats& stats);

  // Replaces the rules. A rule of the same name and condition keeps its state on each device where
  // its levels stay; its message, repeat_interval and overrides for other devices do not matter.
  void SetRules(std::vector<Rule> rules);

  // A device that an earlier run knew goes on as it was; when the collector was away for so long
  // that samples may be missing, what is not held long enough yet begins anew. Before its first
  // sample, after SetRules(). Damaged bytes are logged, and the device begins anew.
  void Restore(const std::string& name, const std::shared_ptr<const DeviceInfo>& info,
               const DeviceBefore& before);
  // The recorder gets every state that it has not got yet.
  void Save();

  void Observe(const std::string& name, const Sample& sample, Lane lane) override;
  void Heard(const std::string& name) override;
  void Describe(const std::string& name, const std::shared_ptr<const DeviceInfo>& info) override;
  const Alert* Next(const std::string& name, std::uint64_t after) override;
  void Acknowledge(const std::string& name, std::uint64_t number) override;

  // Names of the rules that fire on the device, sorted.
  [[nodiscard]] std::vector<std::string> Firing(const std::string& name) const;
  [[nodiscard]] const RuleSet& rules() const { return rules_; }

 private:
  using Devices = std::unordered_map<std::string, DeviceRules>;
  using Device = Devices::value_type;
  // The number of each rule among other rules, if it is there.
  using Renumbering = std::vector<std::optional<std::size_t>>;

  Device& Find(const std::string& name);
  RuleVisit Visit(Device& device, RuleTrack& track) const;
  // Takes care of what came of it.
  void Conclude(Device& device, RuleVisit visit);
  RuleTrack& LateTrackOf(DeviceRules& device);
  void ForgetLate(DeviceRules& device) const;
  void Rematch(Device& device, const RuleSet& old_rules, const Renumbering& renumbering);
  void Resume(Device& device, RuleVisit& visit, const DeviceBefore& before);
  void CheckAgain(Device& device);
  void SaveSoon(Device& device);
  [[nodiscard]] std::string Encode(const DeviceRules& device) const;

  Scheduler& scheduler_;
  SeriesTable& series_;
  FleetUpdates& fleet_;
  AlertRecorder& recorder_;
  CollectorStats& stats_;
  DeviceMailbox::Limits letter_limits_;
  RuleSet rules_;
  RuleJudge judge_;
  Devices devices_;
  DueList<Device> checks_;
  std::vector<Device*> unsaved_;
  Timer save_;
};

}  // namespace edgefeed
