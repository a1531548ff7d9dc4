#include "collector/rules/rule_engine.h"

#include <doctest/doctest.h>

#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

const Rule kCpuHigh{.name = "CPU_HIGH", .metric = "cpu_usage", .threshold = 90};
const Rule kMemoryHigh{.name = "MEMORY_HIGH", .metric = "memory_mb", .threshold = 4096};
const Rule kDiskFull{.name = "DISK_FULL",
                     .metric = "disk_free_ratio",
                     .comparison = Comparison::kBelow,
                     .threshold = 0.1};

class RulesFixture {
 public:
  RulesFixture() { engine.SetRules({kCpuHigh, kMemoryHigh, kDiskFull}); }

  Verdict Cpu(double percent, const std::string& device = "edge-07") {
    cpu_ = percent;
    return engine.Observe(device, {.time = scheduler.WallNow(), .cpu_usage_percent = percent});
  }
  // The CPU stays as it was said to be last.
  Verdict Disks(double root, double data) {
    return engine.Observe("edge-07",
                          {.cpu_usage_percent = cpu_, .readings = {{root_, root}, {data_, data}}});
  }
  [[nodiscard]] Names Firing() const { return engine.Firing("edge-07"); }

  ManualScheduler scheduler;
  SeriesTable series{100};
  RuleEngine engine{scheduler, series};

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
                                   .time = scheduler.WallNow()});
  CHECK(verdict.firing_changed);
}

TEST_CASE_FIXTURE(RulesFixture, "above means above, below means below") {
  CHECK(Cpu(90).alerts.empty());
  CHECK(Cpu(90.001).alerts.size() == 1);
  CHECK(Disks(0.1, 0.1).alerts.empty());
  CHECK(Disks(0.0999, 0.1).alerts.size() == 1);
}

TEST_CASE_FIXTURE(RulesFixture, "both headline rules see the same sample") {
  const Verdict verdict =
      engine.Observe("edge-07", {.cpu_usage_percent = 100, .memory_used_mib = 5000.5});
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
  CHECK(engine.Observe("edge-07", {.readings = {{late, 0.01}}}).alerts.size() == 1);
}

TEST_CASE_FIXTURE(RulesFixture, "rules that stay the same keep their state when others change") {
  Cpu(95);
  Disks(0.05, 0.5);
  Rule other = kMemoryHigh;
  other.threshold = 1;

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
  stricter.threshold = 80;

  engine.SetRules({stricter});

  CHECK(Firing().empty());
  CHECK(Messages(Cpu(95)) == Names{"edge-07: cpu_usage is 95, above 80"});
  CHECK(Disks(0.05, 0.05).alerts.empty());
}

TEST_CASE_FIXTURE(RulesFixture, "a new rule is checked against series that are known already") {
  Disks(0.3, 0.5);
  Rule early = kDiskFull;
  early.name = "DISK_FILLING";
  early.threshold = 0.4;
  engine.SetRules({kDiskFull, early});
  CHECK(Messages(Disks(0.3, 0.5)) ==
        Names{"edge-07: disk_free_ratio{mount=\"/\"} is 0.3, below 0.4"});
}

TEST_CASE("without rules nothing fires") {
  ManualScheduler scheduler;
  const SeriesTable series(1);
  RuleEngine engine(scheduler, series);
  CHECK(engine.Observe("edge-07", {.cpu_usage_percent = 100}).alerts.empty());
}

}  // namespace
}  // namespace edgefeed
