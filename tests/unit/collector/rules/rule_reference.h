#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "collector/rules/rule_state.h"

namespace edgefeed {

// One value of a history, and whether samples are missing before it.
struct PastValue {
  Observation seen;
  bool after_gap = false;
};

// What Observe() must say, worked out from all values there have been, with no state: slow, and as
// the documentation puts it. For each value, which levels are on, from the highest down:
// - a level is on where one above it is;
// - it comes on where all values of a time of `for` were beyond its threshold while it was off,
//   without a gap among them;
// - it goes off where all values of a time of `keep_firing_for` were back while it was on.
class RuleReference {
 public:
  explicit RuleReference(const Condition& condition)
      : condition_(condition), on_(condition.levels.size()) {}

  // Of all values, what the last one must have led to. Those before it must have been told before,
  // one by one.
  std::optional<Transition> Judge(const std::vector<PastValue>& history) {
    const std::size_t last = history.size() - 1;
    for (auto& on : on_) on.resize(last);
    for (std::size_t level = on_.size(); level-- > 0;) {
      on_[level].push_back(IsOn(history, level, last));
    }
    levels_.resize(last);
    alerts_.resize(last);
    levels_.push_back(Highest(last));
    const auto transition = Change(history, last);
    alerts_.push_back(transition.has_value());
    return transition;
  }

 private:
  [[nodiscard]] bool WasOn(std::size_t level, std::size_t i) const {
    return i > 0 && on_[level][i - 1];
  }

  [[nodiscard]] bool IsOn(const std::vector<PastValue>& history, std::size_t level,
                          std::size_t last) const {
    if (level + 1 < on_.size() && on_[level + 1][last]) return true;
    const bool was_on = WasOn(level, last);
    const RuleLevel& rule = condition_.levels[level];
    const auto speaks_against = [&](std::size_t i) {
      const double value = history[i].seen.value;
      return was_on ? !condition_.Beyond(value, rule.clear.value_or(rule.threshold))
                    : condition_.Beyond(value, rule.threshold);
    };
    if (!speaks_against(last)) return was_on;
    std::size_t first = last;
    while (first > 0 && WasOn(level, first - 1) == was_on && speaks_against(first - 1) &&
           (was_on || !history[first].after_gap)) {
      --first;
    }
    const auto waited = history[last].seen.time - history[first].seen.time;
    return waited >= (was_on ? rule.keep_firing : rule.hold) ? !was_on : was_on;
  }

  [[nodiscard]] std::optional<std::size_t> Highest(std::size_t i) const {
    for (std::size_t level = on_.size(); level-- > 0;) {
      if (on_[level][i]) return level;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Transition> Change(const std::vector<PastValue>& history,
                                                 std::size_t last) const {
    const auto now = levels_[last];
    const auto before = last > 0 ? levels_[last - 1] : std::nullopt;
    if (now && !before) return Transition{TransitionKind::kFired, *now};
    if (before && !now) return Transition{TransitionKind::kResolved, *before};
    if (!now) return std::nullopt;
    if (*now > *before) return Transition{TransitionKind::kEscalated, *now};
    if (*now < *before) return Transition{TransitionKind::kDeescalated, *now};
    std::size_t alert = last - 1;
    while (!alerts_[alert]) --alert;
    const auto since = history[last].seen.now - history[alert].seen.now;
    if (since.count() >= 0 && since < condition_.repeat_interval) return std::nullopt;
    return Transition{TransitionKind::kRepeated, *now};
  }

  Condition condition_;
  std::vector<std::vector<bool>> on_;  // By level, then by value.
  std::vector<std::optional<std::size_t>> levels_;
  std::vector<bool> alerts_;
};

}  // namespace edgefeed
