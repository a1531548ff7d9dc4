#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collector/ports.h"
#include "collector/rules/rule.h"
#include "collector/rules/rule_state.h"
#include "common/model/series.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Checks each sample of one shard's devices against the rules as it arrives. A rule on a metric
// with labels (one value per disk, say) fires for each of them by itself. On the shard's engine
// strand.
class RuleEngine final : public RuleEvaluator {
 public:
  // `series` numbers the readings of the samples; both must outlive the engine.
  RuleEngine(Scheduler& scheduler, const SeriesTable& series)
      : scheduler_(scheduler), series_(series) {}

  // Replaces the rules. A rule that is the same as before keeps its state.
  void SetRules(std::vector<Rule> rules);

  Verdict Observe(const std::string& device, const Sample& sample) override;
  [[nodiscard]] std::vector<std::string> Firing(const std::string& device) const override;

 private:
  // One rule on one series; kHeadline stands for the fields that every payload has.
  static constexpr SeriesId kHeadline = ~SeriesId{0};
  using StateKey = std::pair<std::size_t, SeriesId>;
  using DeviceStates = std::map<StateKey, RuleState>;

  void Check(const std::string& device, const Sample& sample, std::size_t rule_index,
             SeriesId series, double value, Verdict& verdict);
  // Which rules are about the series: looked up once a series, not once a reading.
  const std::vector<std::size_t>& RulesFor(SeriesId series);
  [[nodiscard]] Alert MakeAlert(const std::string& device, const Sample& sample, const Rule& rule,
                                SeriesId series, double value) const;

  Scheduler& scheduler_;
  const SeriesTable& series_;
  std::vector<Rule> rules_;
  std::vector<std::vector<std::size_t>> rules_by_series_;
  std::unordered_map<std::string, DeviceStates> states_;
};

}  // namespace edgefeed
