// A rule engine that goes on where another one stopped.
#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/collector/rules/engine_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

// A collector that is killed again and again; nothing of it stays but what it recorded.
class Restarts {
 public:
  explicit Restarts(std::vector<Rule> rules) : rules_(std::move(rules)) { Start({}); }

  void Restart(std::chrono::milliseconds down, std::chrono::milliseconds silent = 0s) {
    const auto states = rig->recorder.states;
    const WallTime stopped = rig->scheduler.WallNow();
    Start(stopped + down);
    for (const auto& [device, bytes] : states) {
      rig->engine.Restore(device, info, {.state = bytes, .silent = silent, .down = down});
    }
  }
  void SetRules(std::vector<Rule> rules) { rules_ = std::move(rules); }

  std::vector<AlertEvent> Cpu(double percent) {
    return rig->Observe("edge-07", {.time = rig->scheduler.WallNow(), .cpu_usage_percent = percent})
        .events;
  }
  // The same for so long, every ten seconds; what came of it.
  std::vector<AlertEvent> Hold(std::chrono::seconds time, double percent) {
    std::vector<AlertEvent> events;
    for (auto passed = 0s; passed < time; passed += 10s) {
      Pass(10s);
      for (AlertEvent& event : Cpu(percent)) events.push_back(std::move(event));
    }
    return events;
  }
  void Pass(std::chrono::milliseconds time) const { rig->scheduler.Advance(time); }
  [[nodiscard]] Names Firing() const { return rig->engine.Firing("edge-07"); }

  std::unique_ptr<EngineRig> rig;
  std::shared_ptr<const DeviceInfo> info;

 private:
  void Start(std::optional<WallTime> now) {
    rig = std::make_unique<EngineRig>();
    if (now) rig->scheduler.Advance(*now - rig->scheduler.WallNow());
    rig->engine.SetRules(rules_);
  }
  std::vector<Rule> rules_;
};

Rule CpuRule() {
  Rule rule = ThresholdRule("CPU_HIGH", "cpu_usage", Comparison::kAbove, 90);
  rule.levels[0].hold = 60s;
  rule.levels[0].keep_firing = 20s;
  return rule;
}

TEST_CASE("a pending rule goes on to count where it was") {
  Restarts collector({CpuRule()});
  CHECK(collector.Cpu(95).empty());
  collector.Pass(30s);
  CHECK(collector.Cpu(95).empty());
  collector.Restart(5s);
  collector.Pass(24s);
  CHECK(collector.Cpu(95).empty());
  collector.Pass(1s);
  CHECK(collector.Cpu(95).size() == 1);
}

TEST_CASE("a collector that was away for long has missed samples: pending begins anew") {
  Restarts collector({CpuRule()});
  collector.Cpu(95);
  collector.Pass(1s);
  collector.Restart(10min);
  CHECK(collector.Cpu(95).empty());
  CHECK(collector.Hold(50s, 95).empty());
  CHECK(collector.Hold(10s, 95).size() == 1);
}

TEST_CASE("a firing rule fires on, repeats in time, and keeps firing for as long as it should") {
  Restarts collector({CpuRule()});
  collector.Cpu(95);
  REQUIRE(collector.Hold(60s, 95).size() == 1);
  collector.Pass(200s);
  collector.Restart(1s);
  CHECK(collector.Firing() == Names{"CPU_HIGH"});
  CHECK(collector.rig->fleet.Take() == Names{"firing edge-07 CPU_HIGH"});
  collector.Pass(98s);
  CHECK(collector.Cpu(95).empty());
  collector.Pass(1s);
  const auto repeated = collector.Cpu(95);
  REQUIRE(repeated.size() == 1);
  CHECK(repeated[0].change == AlertChange::kRepeated);

  collector.Cpu(5);
  collector.Pass(10s);
  collector.Restart(4s);
  collector.Pass(5s);
  CHECK(collector.Cpu(5).empty());
  collector.Pass(1s);
  CHECK(collector.Cpu(5).at(0).change == AlertChange::kResolved);
  collector.Restart(1s);
  CHECK(collector.Firing().empty());
}

TEST_CASE("a rule that was changed meanwhile resolves, and only that one") {
  Rule memory = ThresholdRule("MEMORY", "memory_mb", Comparison::kAbove, 1);
  Rule cpu = ThresholdRule("CPU", "cpu_usage", Comparison::kAbove, 90);
  Restarts collector({memory, cpu});
  collector.rig->Observe("edge-07", {.cpu_usage_percent = 95, .memory_used_mib = 2});
  cpu.levels[0].threshold = 80;
  collector.SetRules({cpu, memory});
  collector.Restart(1s);
  CHECK(collector.Firing() == Names{"MEMORY"});
  const auto events = collector.rig->recorder.Take();
  REQUIRE(events.size() == 1);
  CHECK(events[0].change == AlertChange::kResolved);
  CHECK(events[0].key.rule == "CPU");
}

TEST_CASE("a window that was lost changes nothing until it is full again") {
  Rule rule = ThresholdRule("BUSY", "cpu_usage", Comparison::kAbove, 50);
  rule.function = RuleFunction::kAverage;
  rule.window = 60s;
  Restarts collector({rule});
  for (int i = 0; i < 60; ++i, collector.Pass(1s)) collector.Cpu(90);
  REQUIRE(collector.Firing() == Names{"BUSY"});
  collector.Restart(1s);
  for (int i = 0; i < 59; ++i, collector.Pass(1s)) CHECK(collector.Cpu(10).empty());
  collector.Pass(1s);
  CHECK(collector.Cpu(10).at(0).change == AlertChange::kResolved);
}

TEST_CASE("what a device was not told yet it is told by the next run") {
  Restarts collector({ThresholdRule("CPU", "cpu_usage", Comparison::kAbove, 90)});
  RuleEngine& engine = collector.rig->engine;
  engine.Observe("edge-07", {.cpu_usage_percent = 95}, Lane::kLive);
  const std::uint64_t number = engine.Next("edge-07", 0)->number;
  collector.Pass(RuleEngine::kSaveWithin);
  collector.Restart(1s);
  const Alert* const again = collector.rig->engine.Next("edge-07", 0);
  REQUIRE(again != nullptr);
  CHECK(again->number == number);
  CHECK(collector.rig->stats.alerts_resent == 1);
  collector.rig->engine.Acknowledge("edge-07", number);
  collector.Pass(RuleEngine::kSaveWithin);
  collector.Restart(1s);
  CHECK(collector.rig->engine.Next("edge-07", 0) == nullptr);
}

TEST_CASE("silence goes on, without the time in which nobody listened") {
  Restarts collector({OfflineRule("OFFLINE", 60s)});
  collector.Cpu(5);
  collector.rig->engine.Save();
  collector.rig->recorder.states["edge-07"];  // There is nothing to remember of it.
  collector.Pass(40s);
  collector.Restart(1h, 40s);
  collector.Pass(19s);
  CHECK(collector.rig->recorder.Take().empty());
  collector.Pass(2s);
  CHECK(collector.rig->recorder.Take().size() == 1);
  collector.Restart(1s, 61s);
  CHECK(collector.Firing() == Names{"OFFLINE"});
  CHECK(collector.rig->recorder.Take().empty());
  CHECK(collector.Cpu(5).at(0).change == AlertChange::kResolved);
}

TEST_CASE("damaged bytes are logged, and the device begins anew") {
  Restarts collector({CpuRule()});
  collector.rig->engine.Restore("edge-07", nullptr, {.state = "\x01?"});
  CHECK(collector.Firing().empty());
}

// Whatever it is killed at, the alerts are those of one that was never killed.
TEST_CASE("killed at random, it judges like one that was not") {
  Rule ladder = ThresholdRule("CPU", "cpu_usage", Comparison::kAbove, 0);
  ladder.levels = {{.severity = Severity::kWarning, .threshold = 50, .clear = 40, .hold = 3s},
                   {.severity = Severity::kCritical,
                    .threshold = 80,
                    .clear = 60,
                    .hold = 2s,
                    .keep_firing = 4s}};
  ladder.repeat_interval = 15s;
  std::mt19937 random(7);
  Restarts killed({ladder, CpuRule()});
  EngineRig steady;
  steady.engine.SetRules({ladder, CpuRule()});
  double cpu = 50;
  int events = 0;
  for (int i = 0; i < 5000; ++i) {
    CAPTURE(i);
    cpu = std::clamp(cpu + static_cast<double>(random() % 31) - 15, 0.0, 100.0);
    const Sample sample{.time = steady.scheduler.WallNow(), .cpu_usage_percent = cpu};
    const auto expected = steady.Observe("edge-07", sample).events;
    const auto told = killed.rig->Observe("edge-07", sample).events;
    REQUIRE(told == expected);
    events += static_cast<int>(told.size());
    steady.scheduler.Advance(1s);
    if (random() % 10 == 0) {
      killed.Pass(RuleEngine::kSaveWithin);
      killed.Restart(750ms);
    } else {
      killed.Pass(1s);
    }
  }
  CHECK(events > 200);
}

}  // namespace
}  // namespace edgefeed
