#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

#include "collector/rules/rule.h"
#include "common/base/clock.h"

namespace edgefeed {

constexpr std::size_t kMaxLevels = 3;

// One level of a rule.
struct LevelState {
  bool on = false;
  // Off: since when every value has been beyond the threshold. On: since when every value has been
  // back at the clear level. On the device's timeline.
  std::optional<WallTime> since;
  friend bool operator==(const LevelState&, const LevelState&) = default;
};

// One rule on one series of one device: plain data. A rule fires at the highest of its levels that
// is on. Who reaches a level has reached the ones below it, and leaves them after it.
struct RuleState {
  std::array<LevelState, kMaxLevels> levels;
  WallTime last_alert;  // The collector's time.

  // The level at which it fires.
  [[nodiscard]] std::optional<std::size_t> firing() const;
  // Nothing to remember: the same as a new one.
  [[nodiscard]] bool idle() const;
  friend bool operator==(const RuleState&, const RuleState&) = default;
};

enum class TransitionKind { kFired, kEscalated, kDeescalated, kRepeated, kResolved };

struct Transition {
  TransitionKind kind = TransitionKind::kFired;
  std::size_t level = 0;  // At which it fires now; that it fired at, if it is resolved.
  friend bool operator==(const Transition&, const Transition&) = default;
};

// What every value of the series is judged by.
struct Condition {
  Comparison comparison = Comparison::kAbove;
  std::span<const RuleLevel> levels;  // At most kMaxLevels.
  std::chrono::milliseconds repeat_interval{0};

  [[nodiscard]] bool Beyond(double value, double limit) const {
    return comparison == Comparison::kAbove ? value > limit : value < limit;
  }
};

struct Observation {
  double value = 0;
  WallTime time;  // Of the sample, on the device's timeline.
  WallTime now;   // The collector's.
};

// Takes one value; says what has become of the rule, if anything.
std::optional<Transition> Observe(RuleState& state, const Condition& condition,
                                  const Observation& observation);

// There are no values to judge: it fires at its first level, or not at all.
std::optional<Transition> Force(RuleState& state, NoDataState wanted, WallTime now);

// Samples are missing before the next value: a level that is not on yet must be held anew.
void ForgetPending(RuleState& state);

}  // namespace edgefeed
