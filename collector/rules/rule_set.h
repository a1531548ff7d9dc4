#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/rules/effective_rule.h"
#include "collector/rules/rule.h"
#include "common/model/series.h"

namespace edgefeed {

// The rules that are in force, and quick answers to which of them are about what.
class RuleSet {
 public:
  RuleSet() = default;
  explicit RuleSet(std::vector<Rule> rules);

  [[nodiscard]] std::size_t size() const { return rules_.size(); }
  [[nodiscard]] const Rule& operator[](std::size_t number) const { return rules_[number].rule; }

  // The rules about the fields that every payload has: cpu_usage and memory_mb.
  [[nodiscard]] const std::vector<std::size_t>& headline() const { return headline_; }
  // The rules about devices of which nothing is heard.
  [[nodiscard]] const std::vector<std::size_t>& offline() const { return offline_; }
  // The number of the rule of this name.
  [[nodiscard]] std::optional<std::size_t> Find(std::string_view name) const;
  // The rules about a series of the table, which is the same one each time. Looked up once a
  // series, not once a reading.
  const std::vector<std::size_t>& About(SeriesId series, const SeriesTable& table);

  // What each rule is on a device; null where it is not about the device, or disabled. Valid as
  // long as the set, wherever that is moved.
  std::vector<const EffectiveRule*> For(const std::string& device, const Labels& device_labels);

 private:
  struct Loaded {
    Rule rule;
    // What it is on devices, for each choice of its overrides that one has needed.
    std::map<std::vector<std::size_t>, EffectiveRule> variants;
  };

  std::deque<Loaded> rules_;
  std::vector<std::size_t> headline_;
  std::vector<std::size_t> offline_;
  std::vector<std::vector<std::size_t>> by_series_;
};

// Whether every payload has a field of this name.
[[nodiscard]] bool IsHeadline(std::string_view metric);

}  // namespace edgefeed
