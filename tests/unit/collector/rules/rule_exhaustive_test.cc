// Every short history of a rule with two levels, against RuleReference.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/unit/collector/rules/rule_reference.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr std::array kValues = {60.0, 72.0, 85.0, 95.0};  // Fine, between, above each threshold.

struct Step {
  std::chrono::milliseconds passed;
  bool after_gap = false;
};

// Walks the tree of all histories, depth first.
class AllHistories {
 public:
  AllHistories(std::vector<RuleLevel> levels, std::vector<Step> steps, std::size_t length)
      : levels_(std::move(levels)),
        condition_{Comparison::kAbove, levels_, 5s},
        reference_(condition_),
        steps_(std::move(steps)),
        length_(length) {}

  // How many histories there were.
  std::size_t Walk() {
    Extend(RuleState{}, FromUnixMillis(1'700'000'000'000));
    return histories_;
  }

 private:
  void Extend(const RuleState& state, WallTime time) {
    if (history_.size() == length_) return;
    for (const Step& step : steps_) {
      if (history_.empty() && &step != &steps_.front()) break;
      for (const double value : kValues) Take(state, step, {value, time + step.passed});
    }
  }

  void Take(RuleState state, const Step& step, Observation seen) {
    seen.now = seen.time;
    history_.push_back({seen, step.after_gap});
    ++histories_;
    if (step.after_gap) ForgetPending(state);
    const auto transition = Observe(state, condition_, seen);
    const auto expected = reference_.Judge(history_);
    if (transition != expected) FAIL(Told());
    Extend(state, seen.time);
    history_.pop_back();
  }

  // A history that was judged wrong.
  [[nodiscard]] std::string Told() const {
    std::string told = "wrong at the end of:";
    for (const PastValue& past : history_) {
      told += (past.after_gap ? " gap " : " ") +
              std::to_string((past.seen.time - history_[0].seen.time).count()) + "ms " +
              std::to_string(past.seen.value);
    }
    return told;
  }

  std::vector<RuleLevel> levels_;
  Condition condition_;
  RuleReference reference_;
  std::vector<Step> steps_;
  std::size_t length_;
  std::vector<PastValue> history_;
  std::size_t histories_ = 0;
};

std::vector<RuleLevel> Ladder(const RuleLevel& warning, const RuleLevel& critical) {
  std::vector<RuleLevel> levels = {warning, critical};
  levels[0].threshold = 75;
  levels[0].clear = 70;
  levels[1].severity = Severity::kCritical;
  levels[1].threshold = 90;
  levels[1].clear = 80;
  return levels;
}

TEST_CASE("every history of seven values is judged as the reference judges it") {
  AllHistories all(Ladder({.hold = 3s, .keep_firing = 2s}, {.hold = 1s, .keep_firing = 4s}),
                   {{1s}, {3s}}, 7);
  CHECK(all.Walk() == 4 * (1 + 8 + 64 + 512 + 4096 + 32768 + 262144));
}

TEST_CASE("every history of five values with gaps and moments is judged as the reference does") {
  const std::vector<Step> steps = {{1s}, {0s}, {4s}, {4s, true}, {60s, true}};
  for (const auto hold : {0s, 1s, 5s}) {
    for (const auto keep : {0s, 1s, 5s}) {
      AllHistories all(Ladder({.hold = hold, .keep_firing = keep}, {.hold = 4s}), steps, 5);
      CHECK(all.Walk() == 4 * (1 + 20 + 400 + 8000 + 160000));
    }
  }
}

}  // namespace
}  // namespace edgefeed
