// Backlog: samples that waited for a connection.
#include <doctest/doctest.h>

#include <vector>

#include "tests/unit/collector/rules/engine_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

class LateFixture : public EngineRig {
 public:
  LateFixture() {
    Rule rule = ThresholdRule("CPU_HIGH", "cpu_usage", Comparison::kAbove, 90);
    rule.levels[0].hold = 10s;
    engine.SetRules({rule});
  }
  std::vector<AlertEvent> Late(std::chrono::seconds ago, double percent) {
    return Observe("edge-07", {.time = scheduler.WallNow() - ago, .cpu_usage_percent = percent},
                   Lane::kBacklog)
        .events;
  }
  std::vector<AlertEvent> Live(double percent) {
    return Observe("edge-07", {.time = scheduler.WallNow(), .cpu_usage_percent = percent}).events;
  }
};

TEST_CASE_FIXTURE(LateFixture, "backlog fires late, once, and not on the device") {
  CHECK(Live(5).empty());
  CHECK(Late(600s, 95).empty());
  const Verdict verdict = Observe(
      "edge-07", {.time = scheduler.WallNow() - 590s, .cpu_usage_percent = 96}, Lane::kBacklog);
  REQUIRE(verdict.events.size() == 1);
  CHECK(verdict.events[0].late);
  CHECK(verdict.events[0].change == AlertChange::kFired);
  CHECK(verdict.events[0].time == scheduler.WallNow() - 590s);
  CHECK(verdict.alerts.empty());
  CHECK_FALSE(verdict.firing_changed);
  CHECK(engine.Firing("edge-07").empty());
  CHECK(stats.alerts_late == 1);
  CHECK(Late(580s, 96).empty());
  CHECK(Late(570s, 5).empty());
}

TEST_CASE_FIXTURE(LateFixture, "backlog in between does not disturb what is live") {
  CHECK(Live(95).empty());
  CHECK(Late(600s, 5).empty());
  scheduler.Advance(10s);
  CHECK(Late(599s, 5).empty());
  const auto fired = Live(95);
  REQUIRE(fired.size() == 1);
  CHECK_FALSE(fired[0].late);
}

TEST_CASE_FIXTURE(LateFixture, "backlog that fires nothing is nothing to remember") {
  Live(5);
  Late(600s, 95);
  scheduler.Advance(RuleEngine::kSaveWithin);
  CHECK(recorder.records == 0);
}

TEST_CASE_FIXTURE(LateFixture, "what fires now is no news of the past") {
  Live(95);
  scheduler.Advance(10s);
  REQUIRE(Live(95).size() == 1);
  CHECK(Late(600s, 95).empty());
  CHECK(Late(590s, 95).empty());
}

TEST_CASE_FIXTURE(LateFixture, "another backlog, later, is judged by itself") {
  CHECK(Late(600s, 95).empty());
  scheduler.Advance(11min);
  CHECK(Late(600s, 95).empty());
  CHECK(Late(590s, 95).size() == 1);
}

}  // namespace
}  // namespace edgefeed
