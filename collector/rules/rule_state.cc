#include "collector/rules/rule_state.h"

#include <algorithm>

namespace edgefeed {
namespace {

// Notes since when the values have asked for a turn; true once that is long enough.
bool TurnDue(LevelState& state, const RuleLevel& level, const Condition& condition,
             const Observation& seen) {
  const double clear = level.clear.value_or(level.threshold);
  const bool asks = state.on ? !condition.Beyond(seen.value, clear)
                             : condition.Beyond(seen.value, level.threshold);
  if (!asks) {
    state.since.reset();
    return false;
  }
  if (!state.since) state.since = seen.time;
  return seen.time - *state.since >= (state.on ? level.keep_firing : level.hold);
}

bool RepeatDue(const RuleState& state, const Condition& condition, WallTime now) {
  // A clock that was set back must not keep it silent.
  return now < state.last_alert || now - state.last_alert >= condition.repeat_interval;
}

std::optional<Transition> Compare(std::optional<std::size_t> before,
                                  std::optional<std::size_t> after) {
  if (before == after) return std::nullopt;
  if (!after) return Transition{TransitionKind::kResolved, *before};
  if (!before) return Transition{TransitionKind::kFired, *after};
  return Transition{*after > *before ? TransitionKind::kEscalated : TransitionKind::kDeescalated,
                    *after};
}

}  // namespace

std::optional<std::size_t> RuleState::firing() const {
  for (std::size_t i = levels.size(); i > 0; --i) {
    if (levels[i - 1].on) return i - 1;
  }
  return std::nullopt;
}

bool RuleState::idle() const {
  return std::ranges::none_of(levels, [](const LevelState& l) { return l.on || l.since; });
}

std::optional<Transition> Observe(RuleState& state, const Condition& condition,
                                  const Observation& observation) {
  const auto before = state.firing();
  bool above_on = false;
  for (std::size_t i = condition.levels.size(); i > 0; --i) {
    LevelState& level = state.levels[i - 1];
    const bool due = TurnDue(level, condition.levels[i - 1], condition, observation);
    if (above_on ? !level.on : due) level = {.on = !level.on, .since = {}};
    above_on = level.on;
  }
  const auto after = state.firing();
  auto transition = Compare(before, after);
  if (!transition && after && RepeatDue(state, condition, observation.now)) {
    transition = Transition{TransitionKind::kRepeated, *after};
  }
  if (transition) state.last_alert = observation.now;
  return transition;
}

std::optional<Transition> Force(RuleState& state, NoDataState wanted, WallTime now) {
  const auto before = state.firing();
  const bool as_it_is =
      wanted == NoDataState::kKeep || before.has_value() == (wanted == NoDataState::kFiring);
  if (as_it_is) return std::nullopt;
  state.levels = {};
  state.levels[0].on = wanted == NoDataState::kFiring;
  state.last_alert = now;
  return Compare(before, state.firing());
}

void ForgetPending(RuleState& state) {
  for (LevelState& level : state.levels) {
    if (!level.on) level.since.reset();
  }
}

}  // namespace edgefeed
