#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/rules/rule.h"

namespace edgefeed {

// The number of the override that has set a value; nothing: the rule itself has.
using SetBy = std::optional<std::size_t>;

struct LevelOrigin {
  SetBy severity;
  SetBy threshold;
  SetBy clear;
  SetBy hold;
  SetBy keep_firing;
  friend bool operator==(const LevelOrigin&, const LevelOrigin&) = default;
};

// What a rule is on one device.
struct EffectiveRule {
  bool enabled = true;
  SetBy enabled_by;
  std::vector<RuleLevel> levels;
  std::vector<LevelOrigin> origins;  // Of `levels`, in the same order.
  std::uint64_t condition_id = 0;    // ConditionId(), of those in a RuleSet.
  friend bool operator==(const EffectiveRule&, const EffectiveRule&) = default;
};

[[nodiscard]] bool Matches(const DeviceMatch& match, const std::string& device,
                           const Labels& device_labels);

// Makes the change.
void Apply(const LevelChange& change, RuleLevel& level);

// The numbers of the rule's overrides that match the device. All devices with the same ones have
// the same effective rule.
[[nodiscard]] std::vector<std::size_t> MatchingOverrides(const Rule& rule,
                                                         const std::string& device,
                                                         const Labels& device_labels);

// The rule with these of its overrides, in order: of two that set the same value the later
// counts. A `clear` that ends up on the bad side of its threshold counts as none.
[[nodiscard]] EffectiveRule WithOverrides(const Rule& rule,
                                          const std::vector<std::size_t>& overrides);

// What the rule is on the device; nothing when it is not about the device.
[[nodiscard]] std::optional<EffectiveRule> Resolve(const Rule& rule, const std::string& device,
                                                   const Labels& device_labels);

// Whether the series has all of the labels.
[[nodiscard]] bool HasLabels(const Labels& all, const Labels& wanted);

}  // namespace edgefeed
