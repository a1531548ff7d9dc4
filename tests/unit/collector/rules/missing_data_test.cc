// What the rule engine makes of what does not come: devices that are silent, and series that end.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/collector/rules/engine_rig.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// "fired RULE", "repeated RULE", …
Lines Told(const std::vector<AlertEvent>& events) {
  static const std::vector<std::string> names = {"fired",    "escalated", "deescalated", "repeated",
                                                 "resolved", "no data",   "data back"};
  Lines told;
  for (const AlertEvent& event : events) {
    told.push_back(names[static_cast<std::size_t>(event.change)] + " " + event.key.rule + " " +
                   event.key.device);
  }
  return told;
}

class SilenceFixture : public EngineRig {
 public:
  SilenceFixture() { engine.SetRules({OfflineRule("OFFLINE", 60s)}); }
  void Send(const std::string& device) {
    engine.Observe(device, {.time = scheduler.WallNow()}, Lane::kLive);
  }
  Lines TakeTold() { return Told(recorder.Take()); }
};

TEST_CASE_FIXTURE(SilenceFixture, "a silent device fires within two seconds of `after`") {
  Send("edge-1");
  scheduler.Advance(60s);
  CHECK(TakeTold().empty());
  scheduler.Advance(1s);
  const auto events = recorder.Take();
  REQUIRE(Told(events) == Lines{"fired OFFLINE edge-1"});
  CHECK(events[0].kind == AlertKind::kOffline);
  CHECK(events[0].message == "edge-1: nothing heard for 1m");
  CHECK(scheduler.WallNow() - events[0].time >= 60s);  // When it was last heard of.
  CHECK(events[0].key.series == Series{.metric = "offline_seconds", .labels = {}});
  CHECK(engine.Firing("edge-1") == Lines{"OFFLINE"});
  CHECK(engine.Next("edge-1", 0) == nullptr);  // It knows itself.
}

TEST_CASE_FIXTURE(SilenceFixture, "any word of a device resolves it") {
  Send("edge-1");
  scheduler.Advance(2min);
  recorder.Take();
  SUBCASE("a ping") { engine.Heard("edge-1"); }
  SUBCASE("a sample") { Send("edge-1"); }
  SUBCASE("a sample that waited") {
    engine.Observe("edge-1", {.time = scheduler.WallNow() - 1h}, Lane::kBacklog);
  }
  const auto events = recorder.Take();
  REQUIRE(Told(events) == Lines{"resolved OFFLINE edge-1"});
  CHECK(events[0].message == "edge-1: heard of again");
  scheduler.Advance(61s);
  CHECK(TakeTold() == Lines{"fired OFFLINE edge-1"});
}

TEST_CASE_FIXTURE(SilenceFixture, "a device that speaks in time is not offline") {
  for (int i = 0; i < 20; ++i) {
    Send("edge-1");
    scheduler.Advance(55s);
  }
  CHECK(TakeTold().empty());
}

TEST_CASE_FIXTURE(SilenceFixture, "a silent device repeats, and each of a thousand fires") {
  for (int i = 0; i < 1000; ++i) Send("edge-" + std::to_string(i));
  scheduler.Advance(61s);
  CHECK(TakeTold().size() == 1000);
  scheduler.Advance(5min);
  CHECK(TakeTold().size() == 1000);
}

TEST_CASE_FIXTURE(SilenceFixture, "a rule may wait longer for some devices, and name the parent") {
  Rule rule = OfflineRule("OFFLINE", 60s);
  rule.parent_label = "gateway";
  rule.overrides = {{.match = {.name_glob = "slow-*", .labels = {}},
                     .enabled = {},
                     .levels = {{.level = 0, .threshold = 600}}}};
  engine.SetRules({rule});
  DeviceInfo info;
  info.labels = {{"gateway", "gw-1"}};
  engine.Describe("edge-1", std::make_shared<const DeviceInfo>(info));
  Send("edge-1");
  Send("slow-1");
  scheduler.Advance(61s);
  const auto events = recorder.Take();
  REQUIRE(Told(events) == Lines{"fired OFFLINE edge-1"});
  CHECK(events[0].parent == "gw-1");
  CHECK(events[0].message == "edge-1: nothing heard for 1m, which is reached through gw-1");
  scheduler.Advance(9min);
  CHECK(TakeTold() == Lines{"repeated OFFLINE edge-1", "fired OFFLINE slow-1"});
}

TEST_CASE_FIXTURE(SilenceFixture, "without the rule the alert ends") {
  Send("edge-1");
  scheduler.Advance(61s);
  recorder.Take();
  engine.SetRules({});
  CHECK(TakeTold() == Lines{"resolved OFFLINE edge-1"});
  CHECK(engine.Firing("edge-1").empty());
  scheduler.Advance(10min);
  CHECK(TakeTold().empty());
}

class NoDataFixture : public EngineRig {
 public:
  void Use(NoDataState state) {
    Rule rule = ThresholdRule("HOT", "temperature_celsius", Comparison::kAbove, 80);
    rule.no_data = {.after = 90s, .state = state};
    rule.repeat_interval = 1h;
    engine.SetRules({rule});
  }
  void Send(double celsius) {
    engine.Observe("edge-1", {.time = scheduler.WallNow(), .readings = {{sensor, celsius}}},
                   Lane::kLive);
  }
  // The device goes on, without the sensor.
  void GoOnWithout(std::chrono::seconds time) {
    for (auto passed = 0s; passed < time; passed += 10s) {
      scheduler.Advance(10s);
      engine.Observe("edge-1", {.time = scheduler.WallNow()}, Lane::kLive);
    }
  }
  Lines TakeTold() { return Told(recorder.Take()); }

  SeriesId sensor = *series.Intern({"temperature_celsius", {{"sensor", "cpu"}}});
};

TEST_CASE_FIXTURE(NoDataFixture, "no data keeps what is, and says so") {
  Use(NoDataState::kKeep);
  Send(90);
  CHECK(TakeTold() == Lines{"fired HOT edge-1"});
  GoOnWithout(200s);
  CHECK(TakeTold() == Lines{"no data HOT edge-1"});
  CHECK(engine.Firing("edge-1") == Lines{"HOT"});
  SUBCASE("it is still so") {
    Send(91);
    CHECK(TakeTold() == Lines{"data back HOT edge-1"});
  }
  SUBCASE("it is over") {
    Send(50);
    CHECK(TakeTold() == Lines{"resolved HOT edge-1"});
  }
}

TEST_CASE_FIXTURE(NoDataFixture, "no data may resolve") {
  Use(NoDataState::kOk);
  Send(90);
  recorder.Take();
  GoOnWithout(200s);
  const auto events = recorder.Take();
  CHECK(Told(events) == Lines{"resolved HOT edge-1"});
  CHECK(events[0].kind == AlertKind::kNoData);
  Send(90);
  CHECK(TakeTold() == Lines{"fired HOT edge-1"});
}

TEST_CASE_FIXTURE(NoDataFixture, "no data may fire, of a series whose values were fine") {
  Use(NoDataState::kFiring);
  Send(20);
  CHECK(TakeTold().empty());
  GoOnWithout(200s);
  const auto events = recorder.Take();
  REQUIRE(Told(events) == Lines{"fired HOT edge-1"});
  CHECK(events[0].message == "edge-1: no values of temperature_celsius{sensor=\"cpu\"}");
  Send(20);
  CHECK(TakeTold() == Lines{"resolved HOT edge-1"});
}

TEST_CASE_FIXTURE(NoDataFixture, "of a device that is silent nothing is missing in particular") {
  Use(NoDataState::kFiring);
  Send(20);
  scheduler.Advance(1h);
  CHECK(TakeTold().empty());
  GoOnWithout(10s);  // It is back, and the sensor is not.
  scheduler.Advance(90s);
  CHECK(TakeTold() == Lines{"fired HOT edge-1"});
}

}  // namespace
}  // namespace edgefeed
