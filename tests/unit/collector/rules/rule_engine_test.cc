#include "collector/rules/rule_engine.h"

#include <doctest/doctest.h>

#include "tests/unit/collector/rules/engine_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

const Rule kCpuHigh = ThresholdRule("CPU_HIGH", "cpu_usage", Comparison::kAbove, 90);
const Rule kMemoryHigh = ThresholdRule("MEMORY_HIGH", "memory_mb", Comparison::kAbove, 4096);
const Rule kDiskFull = ThresholdRule("DISK_FULL", "disk_free_ratio", Comparison::kBelow, 0.1);

class RulesFixture : public EngineRig {
 public:
  RulesFixture() { engine.SetRules({kCpuHigh, kMemoryHigh, kDiskFull}); }

  Verdict Cpu(double percent, const std::string& device = "edge-07") {
    cpu_ = percent;
    return Observe(device, {.time = scheduler.WallNow(), .cpu_usage_percent = percent});
  }
  Verdict CpuAt(WallTime time, double percent) {
    return Observe("edge-07", {.time = time, .cpu_usage_percent = percent});
  }
  // Whether rules stopped firing.
  bool Describe(Labels labels) {
    DeviceInfo info;
    info.labels = std::move(labels);
    engine.Describe("edge-07", std::make_shared<const DeviceInfo>(info));
    return Take("edge-07").firing_changed;
  }
  // The CPU stays as it was said to be last.
  Verdict Disks(double root, double data) {
    return Observe("edge-07",
                   {.cpu_usage_percent = cpu_, .readings = {{root_, root}, {data_, data}}});
  }
  [[nodiscard]] Names Firing() const { return engine.Firing("edge-07"); }

 private:
  double cpu_ = 0;
  SeriesId root_ = *series.Intern({"disk_free_ratio", {{"mount", "/"}}});
  SeriesId data_ = *series.Intern({"disk_free_ratio", {{"mount", "/data"}}});
};

Names Messages(const Verdict& verdict) {
  Names messages;
  for (const Alert& alert : verdict.alerts) messages.push_back(alert.message);
  return messages;
}

TEST_CASE_FIXTURE(RulesFixture, "an alert names rule, device, value and threshold") {
  const Verdict verdict = Cpu(95.25);
  REQUIRE(verdict.alerts.size() == 1);
  CHECK(verdict.alerts[0] == Alert{.rule = "CPU_HIGH",
                                   .message = "edge-07: cpu_usage is 95.25, above 90",
                                   .value = 95.25,
                                   .time = scheduler.WallNow(),
                                   .severity = Severity::kWarning});
  CHECK(verdict.firing_changed);
}

TEST_CASE_FIXTURE(RulesFixture, "above means above, below means below") {
  CHECK(Cpu(90).alerts.empty());
  CHECK(Cpu(90.001).alerts.size() == 1);
  CHECK(Disks(0.1, 0.1).alerts.empty());
  CHECK(Disks(0.0999, 0.1).alerts.size() == 1);
}

TEST_CASE_FIXTURE(RulesFixture, "both headline rules see the same sample") {
  const Verdict verdict = Observe("edge-07", {.cpu_usage_percent = 100, .memory_used_mib = 5000.5});
  CHECK(Messages(verdict) ==
        Names{"edge-07: cpu_usage is 100, above 90", "edge-07: memory_mb is 5000.5, above 4096"});
  CHECK(Firing() == Names{"CPU_HIGH", "MEMORY_HIGH"});
}

TEST_CASE_FIXTURE(RulesFixture, "a rule alerts again only after its repeat_interval") {
  CHECK(Cpu(95).alerts.size() == 1);
  int alerts = 0;
  for (int i = 0; i < 3600; ++i) {
    scheduler.Advance(1s);
    const Verdict verdict = Cpu(95);
    CHECK_FALSE(verdict.firing_changed);
    alerts += static_cast<int>(verdict.alerts.size());
  }
  CHECK(alerts == 12);
}

TEST_CASE_FIXTURE(RulesFixture, "repeat_interval 0 alerts for every sample above") {
  Rule always = kCpuHigh;
  always.repeat_interval = 0ms;
  engine.SetRules({always});
  for (int i = 0; i < 5; ++i) CHECK(Cpu(95).alerts.size() == 1);
  CHECK(Cpu(5).alerts.empty());
}

TEST_CASE_FIXTURE(RulesFixture, "firing starts and stops with the value") {
  CHECK_FALSE(Cpu(50).firing_changed);
  CHECK(Firing().empty());
  Cpu(95);
  CHECK(Firing() == Names{"CPU_HIGH"});
  const Verdict resolved = Cpu(50);
  CHECK(resolved.alerts.empty());
  CHECK(resolved.firing_changed);
  CHECK(Firing().empty());
  CHECK_FALSE(Cpu(50).firing_changed);
}

TEST_CASE_FIXTURE(RulesFixture, "each device fires by itself") {
  CHECK(Cpu(95, "a").alerts.size() == 1);
  CHECK(Cpu(95, "b").alerts.size() == 1);
  CHECK(Cpu(95, "a").alerts.empty());
  Cpu(5, "b");
  CHECK(engine.Firing("a") == Names{"CPU_HIGH"});
  CHECK(engine.Firing("b").empty());
  CHECK(engine.Firing("never seen").empty());
}

TEST_CASE_FIXTURE(RulesFixture, "a rule on a metric with labels fires for each series by itself") {
  CHECK(Messages(Disks(0.05, 0.5)) ==
        Names{"edge-07: disk_free_ratio{mount=\"/\"} is 0.05, below 0.1"});
  CHECK(Messages(Disks(0.05, 0.01)) ==
        Names{"edge-07: disk_free_ratio{mount=\"/data\"} is 0.01, below 0.1"});
  CHECK(Firing() == Names{"DISK_FULL"});
  Disks(0.5, 0.01);
  CHECK(Firing() == Names{"DISK_FULL"});
  Disks(0.5, 0.5);
  CHECK(Firing().empty());
}

TEST_CASE_FIXTURE(RulesFixture, "series that come later are checked too") {
  Disks(0.5, 0.5);
  const SeriesId late = *series.Intern({"disk_free_ratio", {{"mount", "/usb"}}});
  CHECK(Observe("edge-07", {.readings = {{late, 0.01}}}).alerts.size() == 1);
}

TEST_CASE_FIXTURE(RulesFixture, "rules that stay the same keep their state when others change") {
  Cpu(95);
  Disks(0.05, 0.5);
  Rule other = kMemoryHigh;
  other.levels[0].threshold = 1;

  engine.SetRules({kDiskFull, other, kCpuHigh});  // In another order, too.

  CHECK(Firing() == Names{"CPU_HIGH", "DISK_FULL"});
  CHECK(Cpu(95).alerts.empty());
  CHECK(Disks(0.05, 0.5).alerts.empty());
  CHECK(Disks(0.05, 0.05).alerts.size() == 1);
}

TEST_CASE_FIXTURE(RulesFixture, "a changed rule starts anew, a removed one does not fire") {
  Cpu(95);
  Disks(0.05, 0.5);
  Rule stricter = kCpuHigh;
  stricter.levels[0].threshold = 80;

  engine.SetRules({stricter});

  CHECK(Firing().empty());
  CHECK(Messages(Cpu(95)) == Names{"edge-07: cpu_usage is 95, above 80"});
  CHECK(Disks(0.05, 0.05).alerts.empty());
}

TEST_CASE_FIXTURE(RulesFixture, "a new rule is checked against series that are known already") {
  Disks(0.3, 0.5);
  Rule early = kDiskFull;
  early.name = "DISK_FILLING";
  early.levels[0].threshold = 0.4;
  engine.SetRules({kDiskFull, early});
  CHECK(Messages(Disks(0.3, 0.5)) ==
        Names{"edge-07: disk_free_ratio{mount=\"/\"} is 0.3, below 0.4"});
}

TEST_CASE_FIXTURE(RulesFixture, "a rule is about the series that have its labels") {
  Rule data = kDiskFull;
  data.labels = {{"mount", "/data"}};
  engine.SetRules({data});
  CHECK(Messages(Disks(0.01, 0.01)) ==
        Names{"edge-07: disk_free_ratio{mount=\"/data\"} is 0.01, below 0.1"});
}

TEST_CASE_FIXTURE(RulesFixture, "a rule is about the devices that it matches") {
  Rule edge = kCpuHigh;
  edge.match.name_glob = "edge-*";
  engine.SetRules({edge});
  CHECK(Cpu(95, "edge-1").alerts.size() == 1);
  CHECK(Cpu(95, "core-1").alerts.empty());
}

TEST_CASE_FIXTURE(RulesFixture, "a device whose labels change is matched again") {
  Rule lab = kCpuHigh;
  lab.match.labels = {{"site", "lab"}};
  engine.SetRules({lab, kMemoryHigh});
  CHECK(Cpu(95).alerts.empty());

  CHECK_FALSE(Describe({{"site", "lab"}}));
  CHECK(Cpu(95).alerts.size() == 1);
  CHECK_FALSE(Describe({{"site", "lab"}}));  // As after each reconnect.
  CHECK(Cpu(95).alerts.empty());
  CHECK(Firing() == Names{"CPU_HIGH"});

  CHECK(Describe({{"site", "plant"}}));
  CHECK(Firing().empty());
  CHECK(Cpu(95).alerts.empty());
}

TEST_CASE_FIXTURE(RulesFixture, "an override applies to the devices that it matches") {
  Rule rule = kCpuHigh;
  rule.overrides = {{.match = {.name_glob = "busy-*", .labels = {}},
                     .enabled = {},
                     .levels = {{.level = 0, .threshold = 98}}},
                    {.match = {.name_glob = "*-spare", .labels = {}}, .enabled = false}};
  engine.SetRules({rule});
  CHECK(Cpu(95, "edge-1").alerts.size() == 1);
  CHECK(Cpu(95, "busy-1").alerts.empty());
  CHECK(Messages(Cpu(99, "busy-1")) == Names{"busy-1: cpu_usage is 99, above 98"});
  CHECK(Cpu(99, "busy-spare").alerts.empty());
}

TEST_CASE_FIXTURE(RulesFixture,
                  "an edited override resets the devices for which it changes something") {
  Rule rule = kCpuHigh;
  engine.SetRules({rule});
  Cpu(99, "edge-1");
  Cpu(99, "busy-1");
  rule.overrides = {{.match = {.name_glob = "busy-*", .labels = {}},
                     .enabled = {},
                     .levels = {{.level = 0, .threshold = 98}}}};
  engine.SetRules({rule});
  CHECK(engine.Firing("edge-1") == Names{"CPU_HIGH"});
  CHECK(engine.Firing("busy-1").empty());
  CHECK(Cpu(99, "edge-1").alerts.empty());
  CHECK(Cpu(99, "busy-1").alerts.size() == 1);
}

TEST_CASE_FIXTURE(RulesFixture, "a changed message or repeat_interval keeps the state") {
  Cpu(95);
  Rule rule = kCpuHigh;
  rule.message = *MessageTemplate::Parse("{{device}} at {{value}} %: {{severity}}");
  rule.repeat_interval = 0s;
  engine.SetRules({rule});
  CHECK(Firing() == Names{"CPU_HIGH"});
  CHECK(Messages(Cpu(96)) == Names{"edge-07 at 96 %: warning"});
}

TEST_CASE_FIXTURE(RulesFixture, "a message names the labels of the series and of the device") {
  Rule rule = kDiskFull;
  rule.message = *MessageTemplate::Parse("{{labels.mount}} in {{device.labels.site}}");
  engine.SetRules({rule});
  Describe({{"site", "lab"}});
  CHECK(Messages(Disks(0.5, 0.01)) == Names{"/data in lab"});
}

Rule Ladder() {
  Rule rule = kCpuHigh;
  rule.levels = {{.severity = Severity::kWarning, .threshold = 75, .clear = 70},
                 {.severity = Severity::kCritical, .threshold = 90}};
  return rule;
}

TEST_CASE_FIXTURE(RulesFixture, "going up the levels is an alert, going down is none") {
  engine.SetRules({Ladder()});
  const Verdict fired = Cpu(80);
  CHECK(Messages(fired) == Names{"edge-07: cpu_usage is 80, above 75"});
  CHECK(fired.alerts[0].severity == Severity::kWarning);
  const Verdict escalated = Cpu(95);
  CHECK(Messages(escalated) == Names{"edge-07: cpu_usage is 95, above 90"});
  CHECK(escalated.alerts[0].severity == Severity::kCritical);
  CHECK_FALSE(escalated.firing_changed);
  const Verdict deescalated = Cpu(72);
  CHECK(deescalated.alerts.empty());
  CHECK_FALSE(deescalated.firing_changed);
  CHECK(Firing() == Names{"CPU_HIGH"});
  CHECK(Cpu(70).firing_changed);
  CHECK(Firing().empty());
}

TEST_CASE_FIXTURE(RulesFixture, "a reminder of a value between clear and threshold says so") {
  Rule rule = Ladder();
  rule.repeat_interval = 0s;
  engine.SetRules({rule});
  Cpu(80);
  CHECK(Messages(Cpu(72)) == Names{"edge-07: cpu_usage is 72, not yet back from above 75"});
}

TEST_CASE_FIXTURE(RulesFixture,
                  "for is counted on the device's clock, and a step of it back is no time") {
  Rule rule = kCpuHigh;
  rule.levels[0].hold = 10s;
  engine.SetRules({rule});
  const WallTime start = scheduler.WallNow();
  CHECK(CpuAt(start, 95).alerts.empty());
  CHECK(CpuAt(start + 5s, 95).alerts.empty());
  CHECK(CpuAt(start - 1h, 95).alerts.empty());
  CHECK(CpuAt(start - 1h + 4s, 95).alerts.empty());
  CHECK(CpuAt(start - 1h + 5s, 95).alerts.size() == 1);
}

TEST_CASE_FIXTURE(RulesFixture, "after a gap for starts anew") {
  Rule rule = kCpuHigh;
  rule.levels[0].hold = 60s;
  engine.SetRules({rule});
  const WallTime start = scheduler.WallNow();
  CHECK(CpuAt(start, 95).alerts.empty());
  CHECK(CpuAt(start + 10min, 95).alerts.empty());
  CHECK(CpuAt(start + 11min, 95).alerts.size() == 1);
}

TEST_CASE_FIXTURE(RulesFixture, "a function is of the values in its window") {
  Rule rule = kCpuHigh;
  rule.function = RuleFunction::kAverage;
  rule.window = 10s;
  engine.SetRules({rule});
  const WallTime start = scheduler.WallNow();
  CHECK(CpuAt(start, 80).alerts.empty());
  CHECK(CpuAt(start + 1s, 98).alerts.empty());  // 89
  const Verdict fired = CpuAt(start + 2s, 98);
  CHECK(Messages(fired) == Names{"edge-07: avg of cpu_usage over 10s is 92, above 90"});
  CHECK(fired.alerts[0].value == 92);
  CHECK(CpuAt(start + 1h, 98).alerts.empty());  // It fires already.
  CHECK(CpuAt(start + 1h + 1s, 50).firing_changed);
}

TEST_CASE_FIXTURE(RulesFixture, "rates of counters go on over a restart of what they count") {
  Rule rule = ThresholdRule("ERRORS", "errors_total", Comparison::kAbove, 10);
  rule.function = RuleFunction::kRate;
  rule.window = 10s;
  engine.SetRules({rule});
  const SeriesId errors = *series.Intern({"errors_total", {{"device", "eth0"}}});
  const WallTime start = scheduler.WallNow();
  const auto at = [&](std::chrono::seconds time, double value) {
    return Observe("edge-07", {.time = start + time, .readings = {{errors, value}}});
  };
  CHECK(at(0s, 1e6).alerts.empty());
  CHECK(at(10s, 1e6 + 100).alerts.empty());  // 10 a second
  CHECK(Messages(at(20s, 101)) ==
        Names{"edge-07: rate of errors_total{device=\"eth0\"} over 10s is 10.1, above 10"});
}

TEST_CASE_FIXTURE(RulesFixture, "values that a full window forgets too early are counted") {
  Rule rule = kCpuHigh;
  rule.function = RuleFunction::kMaximum;
  rule.window = 1h;
  engine.SetRules({rule});
  for (int i = 0; i < 3700; ++i) CpuAt(scheduler.WallNow() + i * 100ms, 5);
  CHECK(stats.rule_values_dropped == 100);
}

TEST_CASE_FIXTURE(RulesFixture, "the windows of a device share what it may hold, and go on") {
  constexpr std::size_t kWindows = 50;
  constexpr std::size_t kSamples = 2000;
  Rule rule = ThresholdRule("FULL", "room_bytes", Comparison::kAbove, 10);
  rule.function = RuleFunction::kMaximum;
  rule.window = 1h;
  engine.SetRules({rule});
  Sample sample{.time = scheduler.WallNow()};
  for (std::size_t i = 0; i < kWindows; ++i) {
    const auto id = series.Intern({"room_bytes", {{"mount", std::to_string(i)}}});
    sample.readings.push_back({*id, 1});
  }
  for (std::size_t i = 0; i < kSamples; ++i, sample.time += 1s) Observe("edge-07", sample);
  CHECK(stats.rule_values_dropped == kWindows * kSamples - RuleJudge::kMaxWindowValues);
  Observe("edge-08", sample);  // Another device has its own.
  CHECK(stats.rule_values_dropped == kWindows * kSamples - RuleJudge::kMaxWindowValues);
  sample.readings[7].value = 11;
  CHECK(Observe("edge-07", sample).alerts.size() == 1);
  sample.readings.resize(1);
  sample.time += 2h;  // What is too old makes room.
  engine.SetRules({rule});
  const auto dropped = stats.rule_values_dropped.load();
  Observe("edge-07", sample);
  CHECK(stats.rule_values_dropped == dropped);
}

TEST_CASE("without rules nothing fires") {
  EngineRig rig;
  CHECK(rig.Observe("edge-07", {.cpu_usage_percent = 100}).alerts.empty());
}

}  // namespace
}  // namespace edgefeed
