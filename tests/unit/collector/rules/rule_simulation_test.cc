// A fleet whose values wander, whose clocks jump and whose samples get lost, for some minutes. What
// the engine says is compared with RuleReference at each sample.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "collector/rules/rule_engine.h"
#include "tests/unit/collector/rules/engine_rig.h"
#include "tests/unit/collector/rules/rule_reference.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kDevices = 1000;
#else
constexpr int kDevices = 10'000;
#endif
constexpr int kRounds = 120;
constexpr auto kWindow = 8s;

Rule LadderRule() {
  Rule rule = ThresholdRule("CPU", "cpu_usage", Comparison::kAbove, 0);
  rule.levels = {{.severity = Severity::kInfo, .threshold = 50, .keep_firing = 3s},
                 {.severity = Severity::kWarning, .threshold = 65, .clear = 60, .hold = 4s},
                 {.severity = Severity::kCritical,
                  .threshold = 80,
                  .clear = 70,
                  .hold = 2s,
                  .keep_firing = 5s}};
  rule.repeat_interval = 15s;
  return rule;
}

Rule AverageRule() {
  Rule rule = ThresholdRule("MEMORY", "memory_mb", Comparison::kBelow, 40);
  rule.function = RuleFunction::kAverage;
  rule.window = kWindow;
  rule.levels[0].clear = 50;
  rule.levels[0].hold = 3s;
  rule.repeat_interval = 10s;
  return rule;
}

// A rule on one device, as the reference sees it.
class Expectation {
 public:
  explicit Expectation(const Rule& rule)
      : rule_(rule), reference_({rule.comparison, rule.levels, rule.repeat_interval}) {}

  std::optional<Transition> Judge(const PastValue& past) {
    history_.push_back(past);
    const auto transition = reference_.Judge(history_);
    if (transition) firing_ = transition->kind != TransitionKind::kResolved;
    return transition;
  }
  [[nodiscard]] bool firing() const { return firing_; }
  [[nodiscard]] const Rule& rule() const { return rule_; }

 private:
  const Rule& rule_;
  RuleReference reference_;
  std::vector<PastValue> history_;
  bool firing_ = false;
};

struct Device {
  std::string name;
  milliseconds clock{0};  // How far it is ahead of ours.
  double cpu = 50;
  double memory = 50;
  std::vector<WallTime> line;  // What its clock said, without the steps back.
  std::vector<double> memories;
  WallTime last;
  milliseconds interval{0};
  std::vector<Expectation> rules;
};

double Wander(double value, std::mt19937& random) {
  return std::clamp(value + static_cast<double>(random() % 25) - 12, 0.0, 100.0);
}

class Simulation {
 public:
  Simulation() {
    rig_.engine.SetRules(rules_);
    for (int i = 0; i < kDevices; ++i) {
      devices_.push_back({.name = "edge-" + std::to_string(i),
                          .clock = milliseconds(random_() % 7'200'000) - 1h,
                          .rules = {Expectation(rules_[0]), Expectation(rules_[1])}});
    }
  }

  void Round() {
    rig_.scheduler.Advance(1s);
    for (Device& device : devices_) {
      const auto luck = random_() % 100;
      if (luck < 5) continue;  // The sample is lost.
      if (luck == 5) device.clock -= milliseconds(random_() % 100'000);
      if (luck == 6) device.clock += milliseconds(random_() % 100'000);
      Send(device);
      if (luck == 7) Send(device);  // Another one of the same moment.
    }
  }

  std::size_t transitions = 0;
  std::size_t alerts = 0;

 private:
  void Send(Device& device) {
    device.cpu = Wander(device.cpu, random_);
    device.memory = Wander(device.memory, random_);
    const WallTime time = rig_.scheduler.WallNow() + device.clock;
    const Verdict verdict = rig_.Observe(
        device.name,
        {.time = time, .cpu_usage_percent = device.cpu, .memory_used_mib = device.memory});
    Compare(device, verdict, Expected(device, time));
  }

  // The transition of each rule.
  std::vector<std::optional<Transition>> Expected(Device& device, WallTime time) {
    const bool after_gap = Extend(device, time);
    device.memories.push_back(device.memory);
    const auto judge = [&](std::size_t rule, double value) {
      return device.rules[rule].Judge(
          {{value, device.line.back(), rig_.scheduler.WallNow()}, after_gap});
    };
    return {judge(0, device.cpu), judge(1, Average(device))};
  }

  // True when samples are missing before this one.
  static bool Extend(Device& device, WallTime time) {
    const bool first = device.line.empty();
    const milliseconds passed = first ? 0ms : std::max(milliseconds(0), time - device.last);
    device.line.push_back(first ? time : device.line.back() + passed);
    device.last = time;
    const bool after_gap = passed > std::max<milliseconds>(30s, 3 * device.interval);
    device.interval = passed;
    return after_gap;
  }

  static double Average(const Device& device) {
    double sum = 0;
    int count = 0;
    for (std::size_t i = device.line.size(); i-- > 0; ++count) {
      if (device.line[i] <= device.line.back() - kWindow) break;
      sum += device.memories[i];
    }
    return sum / count;
  }

  void Compare(const Device& device, const Verdict& verdict,
               const std::vector<std::optional<Transition>>& expected) {
    std::vector<std::pair<std::string, std::optional<Severity>>> told;
    told.reserve(verdict.alerts.size());
    for (const Alert& alert : verdict.alerts) told.emplace_back(alert.rule, alert.severity);
    decltype(told) due;
    bool firing_changed = false;
    std::vector<std::string> firing;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const Rule& rule = device.rules[i].rule();
      if (device.rules[i].firing()) firing.push_back(rule.name);
      if (!expected[i]) continue;
      ++transitions;
      const TransitionKind kind = expected[i]->kind;
      firing_changed |= kind == TransitionKind::kFired || kind == TransitionKind::kResolved;
      if (kind == TransitionKind::kResolved || kind == TransitionKind::kDeescalated) continue;
      due.emplace_back(rule.name, rule.levels[expected[i]->level].severity);
    }
    alerts += due.size();
    if (told == due && verdict.firing_changed == firing_changed &&
        rig_.engine.Firing(device.name) == firing) {
      return;
    }
    FAIL(device.name << " is judged wrong at its sample " << device.line.size());
  }

  std::mt19937 random_{42};
  const std::vector<Rule> rules_ = {LadderRule(), AverageRule()};
  EngineRig rig_;
  std::vector<Device> devices_;
};

TEST_CASE("a wandering fleet is judged as the reference judges it, sample by sample") {
  Simulation simulation;
  for (int i = 0; i < kRounds; ++i) simulation.Round();
  // So that it was about something.
  CHECK(simulation.transitions > kDevices * 10);
  CHECK(simulation.alerts > kDevices * 10);
}

}  // namespace
}  // namespace edgefeed
