#include "collector/rules/rule_state.h"

#include <doctest/doctest.h>

#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Kind = TransitionKind;
using Seen = std::optional<Transition>;
using Levels = std::vector<RuleLevel>;

const WallTime kStart = FromUnixMillis(1'700'000'000'000);
constexpr Seen kNothing = std::nullopt;

Seen Fired(std::size_t level = 0) { return Transition{Kind::kFired, level}; }
Seen Repeated(std::size_t level = 0) { return Transition{Kind::kRepeated, level}; }
Seen Resolved(std::size_t level = 0) { return Transition{Kind::kResolved, level}; }

// One rule that sees values at times since kStart.
class Watched {
 public:
  explicit Watched(std::vector<RuleLevel> levels, Comparison comparison = Comparison::kAbove,
                   std::chrono::milliseconds repeat_interval = 1h)
      : levels_(std::move(levels)), comparison_(comparison), repeat_interval_(repeat_interval) {}

  Seen At(std::chrono::milliseconds time, double value) { return At(time, value, kStart + time); }
  Seen At(std::chrono::milliseconds time, double value, WallTime now) {
    return Observe(state, {comparison_, levels_, repeat_interval_}, {value, kStart + time, now});
  }

  RuleState state;

 private:
  std::vector<RuleLevel> levels_;
  Comparison comparison_;
  std::chrono::milliseconds repeat_interval_;
};

TEST_CASE("without more a rule fires and resolves with the value") {
  Watched rule(Levels{{.threshold = 90}});
  CHECK(rule.At(0s, 90) == kNothing);
  CHECK(rule.state.idle());
  CHECK(rule.At(1s, 91) == Fired());
  CHECK(rule.state.firing() == 0);
  CHECK(rule.At(2s, 99) == kNothing);
  CHECK(rule.At(3s, 90) == Resolved());
  CHECK(rule.state.idle());
  CHECK(rule.At(4s, 91) == Fired());
}

TEST_CASE("below is the mirror of above") {
  Watched rule(Levels{{.threshold = 0.1, .clear = 0.2}}, Comparison::kBelow);
  CHECK(rule.At(0s, 0.1) == kNothing);
  CHECK(rule.At(1s, 0.09) == Fired());
  CHECK(rule.At(2s, 0.19) == kNothing);
  CHECK(rule.At(3s, 0.2) == Resolved());
}

TEST_CASE("with clear it fires until the value is back there") {
  Watched rule(Levels{{.threshold = 75, .clear = 70}});
  CHECK(rule.At(0s, 72) == kNothing);  // Not above the threshold yet.
  CHECK(rule.At(1s, 76) == Fired());
  CHECK(rule.At(2s, 70.1) == kNothing);
  CHECK(rule.At(3s, 70) == Resolved());
  CHECK(rule.At(4s, 72) == kNothing);
}

TEST_CASE("with for it fires once the value has been there for so long") {
  Watched rule(Levels{{.threshold = 90, .hold = 60s}});
  CHECK(rule.At(0s, 95) == kNothing);
  CHECK_FALSE(rule.state.firing());
  CHECK_FALSE(rule.state.idle());
  CHECK(rule.At(59'999ms, 95) == kNothing);
  CHECK(rule.At(60s, 95) == Fired());
}

TEST_CASE("one value that is fine starts for anew") {
  Watched rule(Levels{{.threshold = 90, .hold = 60s}});
  CHECK(rule.At(0s, 95) == kNothing);
  CHECK(rule.At(59s, 90) == kNothing);
  CHECK(rule.state.idle());
  CHECK(rule.At(60s, 95) == kNothing);
  CHECK(rule.At(119s, 95) == kNothing);
  CHECK(rule.At(120s, 95) == Fired());
}

TEST_CASE("a gap in the samples starts for anew, and resolves nothing") {
  Watched rule(Levels{{.threshold = 90, .hold = 60s}});
  CHECK(rule.At(0s, 95) == kNothing);
  ForgetPending(rule.state);
  CHECK(rule.At(600s, 95) == kNothing);
  CHECK(rule.At(660s, 95) == Fired());
  ForgetPending(rule.state);
  CHECK(rule.At(1000s, 95) == kNothing);
  CHECK(rule.state.firing() == 0);
}

TEST_CASE("with keep_firing_for it resolves once the value has been back for so long") {
  Watched rule(Levels{{.threshold = 90, .keep_firing = 60s}});
  CHECK(rule.At(0s, 95) == Fired());
  CHECK(rule.At(10s, 5) == kNothing);
  CHECK(rule.At(69s, 5) == kNothing);
  CHECK(rule.state.firing() == 0);
  CHECK(rule.At(70s, 5) == Resolved());
}

TEST_CASE("a value that is bad again starts keep_firing_for anew, without another alert") {
  Watched rule(Levels{{.threshold = 90, .clear = 80, .keep_firing = 60s}});
  CHECK(rule.At(0s, 95) == Fired());
  CHECK(rule.At(10s, 5) == kNothing);
  CHECK(rule.At(60s, 85) == kNothing);  // Not above 90, but not back at 80 either.
  CHECK(rule.At(71s, 5) == kNothing);
  CHECK(rule.At(130s, 5) == kNothing);
  CHECK(rule.At(131s, 5) == Resolved());
}

TEST_CASE("a gap counts as time that keep_firing_for has waited") {
  Watched rule(Levels{{.threshold = 90, .keep_firing = 60s}});
  CHECK(rule.At(0s, 95) == Fired());
  CHECK(rule.At(10s, 5) == kNothing);
  ForgetPending(rule.state);
  CHECK(rule.At(600s, 5) == Resolved());
}

TEST_CASE("while it fires it repeats, counted on the collector's clock") {
  Watched rule(Levels{{.threshold = 90}}, Comparison::kAbove, 5min);
  CHECK(rule.At(0s, 95, kStart) == Fired());
  CHECK(rule.At(1h, 95, kStart + 5min - 1ms) == kNothing);
  CHECK(rule.At(1h, 95, kStart + 5min) == Repeated());
  CHECK(rule.At(1h, 95, kStart + 9min) == kNothing);
  CHECK(rule.At(1h, 95, kStart + 10min) == Repeated());
  CHECK(rule.At(1h, 5, kStart + 20min) == Resolved());
  CHECK(rule.At(1h, 5, kStart + 60min) == kNothing);
}

TEST_CASE("it repeats at once when the collector's clock was set back, and then as usual") {
  Watched rule(Levels{{.threshold = 90}}, Comparison::kAbove, 5min);
  CHECK(rule.At(0s, 95, kStart) == Fired());
  CHECK(rule.At(1s, 95, kStart - 1h) == Repeated());
  CHECK(rule.At(2s, 95, kStart - 56min) == kNothing);
  CHECK(rule.At(3s, 95, kStart - 55min) == Repeated());
}

TEST_CASE("a repeat_interval of 0 repeats with every value") {
  Watched rule(Levels{{.threshold = 90}}, Comparison::kAbove, 0s);
  CHECK(rule.At(0s, 95) == Fired());
  for (int i = 0; i < 5; ++i) CHECK(rule.At(0s, 95) == Repeated());
}

std::vector<RuleLevel> Ladder() {
  return {{.severity = Severity::kWarning, .threshold = 75, .clear = 70},
          {.severity = Severity::kCritical, .threshold = 90, .clear = 80}};
}

TEST_CASE("it goes up and down its levels, each step an event of its own") {
  Watched rule(Ladder());
  CHECK(rule.At(0s, 76) == Fired(0));
  CHECK(rule.At(1s, 91) == Seen(Transition{Kind::kEscalated, 1}));
  CHECK(rule.state.firing() == 1);
  CHECK(rule.At(2s, 81) == kNothing);  // Critical clears at 80.
  CHECK(rule.At(3s, 80) == Seen(Transition{Kind::kDeescalated, 0}));
  CHECK(rule.At(4s, 71) == kNothing);
  CHECK(rule.At(5s, 70) == Resolved(0));
}

TEST_CASE("it fires at the highest level at once, and resolves from there") {
  Watched rule(Ladder());
  CHECK(rule.At(0s, 99) == Fired(1));
  CHECK(rule.At(1s, 5) == Resolved(1));
}

TEST_CASE("who reaches a level has reached those below it, however long they would have waited") {
  auto levels = Ladder();
  levels[0].hold = 10min;
  Watched rule(levels);
  CHECK(rule.At(0s, 99) == Fired(1));
  CHECK(rule.At(1s, 78) == Seen(Transition{Kind::kDeescalated, 0}));
  CHECK(rule.At(2s, 5) == Resolved(0));
}

TEST_CASE("a level is left only after the ones above it") {
  auto levels = Ladder();
  levels[1].keep_firing = 60s;
  Watched rule(levels);
  CHECK(rule.At(0s, 99) == Fired(1));
  CHECK(rule.At(1s, 5) == kNothing);
  CHECK(rule.At(30s, 78) == kNothing);  // Not critical, but a warning.
  CHECK(rule.At(61s, 78) == Seen(Transition{Kind::kDeescalated, 0}));
  CHECK(rule.At(62s, 5) == Resolved(0));
}

TEST_CASE("an escalation counts as an alert for repeat_interval, and so does a de-escalation") {
  Watched rule(Ladder(), Comparison::kAbove, 60s);
  CHECK(rule.At(0s, 76) == Fired(0));
  CHECK(rule.At(50s, 91) == Seen(Transition{Kind::kEscalated, 1}));
  CHECK(rule.At(100s, 91) == kNothing);
  CHECK(rule.At(110s, 91) == Repeated(1));
  CHECK(rule.At(160s, 76) == Seen(Transition{Kind::kDeescalated, 0}));
  CHECK(rule.At(219s, 76) == kNothing);
  CHECK(rule.At(220s, 76) == Repeated(0));
}

TEST_CASE("values of one moment are one after another, and no time passes between them") {
  Watched rule(Levels{{.threshold = 90, .hold = 1s}});
  for (int i = 0; i < 5; ++i) CHECK(rule.At(0s, 95) == kNothing);
  CHECK(rule.At(1s, 95) == Fired());
}

}  // namespace
}  // namespace edgefeed
