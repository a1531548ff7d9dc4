#include "collector/fleet/fleet.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

class FleetFixture {
 public:
  explicit FleetFixture(const FleetLimits& limits = {}) : fleet(scheduler, limits, stats) {}

  void Update(const std::string& device, double cpu = 0) {
    REQUIRE(fleet.Admit(device));
    fleet.Update(device, {.time = scheduler.WallNow(), .cpu_usage_percent = cpu}, Lane::kLive);
  }

  ManualScheduler scheduler;
  CollectorStats stats;
  Fleet fleet;
};

Names NamesOf(const std::vector<DeviceSnapshot>& devices) {
  Names names;
  for (const DeviceSnapshot& device : devices) names.push_back(device.name);
  return names;
}

Series Named(const std::string& metric) { return {.metric = metric, .labels = {}}; }

TEST_CASE("a device that names ever new series leaves room for those of others") {
  FleetFixture fixture({.series = 12, .series_per_device = 4});
  Fleet& fleet = fixture.fleet;
  const auto introduce = [&](const std::string& device, int from, int to) {
    int taken = 0;
    for (int i = from; i < to; ++i) {
      if (fleet.Introduce(device, Named("m" + std::to_string(i)))) ++taken;
    }
    return taken;
  };
  CHECK(introduce("hostile", 0, 100) == 4);
  CHECK(introduce("hostile", 0, 4) == 4);  // Those that are known cost nothing,
  CHECK(introduce("other", 0, 4) == 4);    // whoever named them first.
  CHECK(introduce("other", 100, 200) == 4);
  fixture.scheduler.Advance(12h);
  CHECK(introduce("hostile", 200, 300) == 2);
  CHECK(introduce("third", 300, 400) == 2);  // All together have twelve.
}

TEST_CASE("long names count for several") {
  FleetFixture fixture({.series_per_device = 4});
  CHECK(fixture.fleet.Introduce("a", Named(std::string(1000, 'x'))));
  CHECK(fixture.fleet.Introduce("a", Named("short")));
  CHECK_FALSE(fixture.fleet.Introduce("a", Named(std::string(1000, 'y'))));
  CHECK(fixture.fleet.Introduce("a", Named("also short")));
}

TEST_CASE_FIXTURE(FleetFixture, "a device that has not sent anything yet is not seen") {
  REQUIRE(fleet.Admit("a"));
  fleet.Connected("a", "10.0.0.1:1");
  CHECK(fleet.Knows("a"));
  CHECK_FALSE(fleet.Get("a", Detail::kReadings));
  CHECK_FALSE(fleet.Get("b", Detail::kReadings));
  CHECK(fleet.List(Detail::kReadings).empty());
  Fleet::Version cursor = 0;
  CHECK(fleet.NewerThan(0, cursor, Detail::kReadings).empty());
  CHECK(fleet.NewerThan("a", cursor, Detail::kReadings).empty());
}

TEST_CASE_FIXTURE(FleetFixture, "backlog counts, and does not hide what is newer") {
  Update("a", 10);
  const WallTime now = scheduler.WallNow();
  fleet.Update("a", {.time = now - 1h, .cpu_usage_percent = 99}, Lane::kBacklog);
  CHECK(fleet.Get("a", Detail::kHeadline)->cpu_usage_percent == 10);
  CHECK(fleet.Get("a", Detail::kHeadline)->request_count == 2);
  fleet.Update("a", {.time = now + 1s, .cpu_usage_percent = 50}, Lane::kBacklog);
  CHECK(fleet.Get("a", Detail::kHeadline)->cpu_usage_percent == 50);
}

TEST_CASE_FIXTURE(FleetFixture,
                  "a device that was known before a restart is known, without a sample") {
  const auto info = std::make_shared<const DeviceInfo>(DeviceInfo{.run_id = "run"});
  fleet.Restore({.name = "a",
                 .first_seen = FromUnixMillis(1),
                 .last_seen = FromUnixMillis(2),
                 .request_count = 7,
                 .info = info,
                 .stored = {}});
  CHECK_FALSE(fleet.Get("a", Detail::kHeadline));
  const auto all = fleet.List(Detail::kHeadline);
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all[0].has_sample);
  CHECK(all[0].first_seen == FromUnixMillis(1));
  CHECK(all[0].info == info);
  Update("a", 10);
  CHECK(fleet.Get("a", Detail::kHeadline)->request_count == 8);
  CHECK(fleet.Get("a", Detail::kHeadline)->first_seen == FromUnixMillis(1));
}

TEST_CASE_FIXTURE(FleetFixture, "a snapshot is what is known of the device") {
  const WallTime first = scheduler.WallNow();
  Update("a", 10);
  fleet.Connected("a", "10.0.0.1:1");
  fleet.SetFiring("a", {"CPU_HIGH"});
  scheduler.Advance(5s);
  const auto info = std::make_shared<const DeviceInfo>(DeviceInfo{.run_id = "run"});
  const SeriesId disk = *fleet.series().Intern({"disk", {{"device", "sda"}}});
  fleet.Describe("a", info);
  for (const double more : {0, 1}) {
    fleet.Update("a",
                 {.time = first,
                  .cpu_usage_percent = 95 + more,
                  .memory_used_mib = 7 + more,
                  .readings = {{disk, 3 + more}}},
                 Lane::kLive);
  }

  const auto device = fleet.Get("a", Detail::kReadings);
  REQUIRE(device);
  CHECK(device->connected);
  CHECK(device->address == "10.0.0.1:1");
  CHECK(device->first_seen == first);
  CHECK(device->last_seen == first + 5s);
  CHECK(device->request_count == 3);
  CHECK(device->firing == Names{"CPU_HIGH"});
  CHECK(device->info == info);
  CHECK(device->sample_time == first);
  CHECK(device->cpu_usage_percent == 96);
  CHECK(device->memory_used_mib == 8);
  REQUIRE(device->readings.size() == 1);
  CHECK(ToString(device->readings[0].series) == "disk{device=\"sda\"}");
  CHECK(device->readings[0].value == 4);

  CHECK(fleet.Get("a", Detail::kHeadline)->readings.empty());
}

TEST_CASE_FIXTURE(FleetFixture, "a device that disconnects is still known, with where it was") {
  Update("a");
  fleet.Connected("a", "10.0.0.1:1");
  fleet.Disconnected("a");
  const auto device = fleet.Get("a", Detail::kHeadline);
  CHECK_FALSE(device->connected);
  CHECK(device->address == "10.0.0.1:1");
}

TEST_CASE("a fleet admits as many devices as allowed, and those it knows for ever") {
  FleetFixture world({.devices = 2});
  CHECK(world.fleet.Admit("a"));
  CHECK(world.fleet.Admit("b"));
  const Status refused = world.fleet.Admit("c");
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Error{Code::kResourceExhausted,
                                 "device 'c' is refused: the collector already knows 2 devices "
                                 "(limits.devices)",
                                 std::chrono::minutes(5)});
  CHECK_FALSE(world.fleet.Knows("c"));
  CHECK(world.fleet.Admit("a"));
  CHECK(world.stats.devices == 2);
  CHECK(world.stats.devices_refused == 1);
}

TEST_CASE_FIXTURE(FleetFixture, "the list is in order of name") {
  for (const char* name : {"c", "a", "b", "a"}) Update(name);
  CHECK(NamesOf(fleet.List(Detail::kHeadline)) == Names{"a", "b", "c"});
}

TEST_CASE_FIXTURE(FleetFixture, "a reader gets what is newer than its cursor, a block at a time") {
  CHECK(fleet.blocks() == 0);
  for (std::size_t i = 0; i <= Fleet::kBlock; ++i) Update("d" + std::to_string(i));
  CHECK(fleet.blocks() == 2);
  std::vector<Fleet::Version> cursors(2, 0);
  CHECK(fleet.NewerThan(0, cursors[0], Detail::kHeadline).size() == Fleet::kBlock);
  CHECK(NamesOf(fleet.NewerThan(1, cursors[1], Detail::kHeadline)) == Names{"d256"});
  for (const std::size_t block : {0U, 1U}) {
    CHECK(fleet.NewerThan(block, cursors[block], Detail::kHeadline).empty());
  }
  for (const char* name : {"d7", "d256", "d3"}) Update(name);
  CHECK(NamesOf(fleet.NewerThan(0, cursors[0], Detail::kHeadline)) == Names{"d3", "d7"});
  CHECK(NamesOf(fleet.NewerThan(1, cursors[1], Detail::kHeadline)) == Names{"d256"});
}

class CountingListener final : public FleetListener {
 public:
  void OnChanged() override { ++changes; }
  int changes = 0;
};

TEST_CASE_FIXTURE(FleetFixture, "listeners hear of samples of their device, or of every device") {
  Update("a");
  Update("b");
  CountingListener of_a;
  CountingListener of_all;
  fleet.AddListener("a", of_a);
  fleet.AddListener("", of_all);
  Update("a");
  Update("b");
  CHECK(of_a.changes == 1);
  CHECK(of_all.changes == 2);
  fleet.RemoveListener("a", of_a);
  fleet.RemoveListener("", of_all);
  Update("a");
  CHECK(of_a.changes == 1);
  CHECK(of_all.changes == 2);
}

// The same, the slow and simple way.
class Model {
 public:
  void Update(const std::string& device, double cpu) {
    if (!devices_.contains(device)) order_.push_back(device);
    devices_[device] = {cpu, devices_[device].count + 1, ++version_};
  }
  [[nodiscard]] Names NewerThan(std::size_t block, std::uint64_t cursor) const {
    Names names;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (i / Fleet::kBlock != block) continue;
      if (devices_.at(order_[i]).version > cursor) names.push_back(order_[i]);
    }
    return names;
  }
  void CheckSame(const std::vector<DeviceSnapshot>& list) const {
    CHECK(std::ranges::is_sorted(list, {}, &DeviceSnapshot::name));
    REQUIRE(list.size() == devices_.size());
    for (const DeviceSnapshot& device : list) {
      const State& state = devices_.at(device.name);
      CHECK(device.cpu_usage_percent == state.cpu);
      CHECK(device.request_count == state.count);
    }
  }

 private:
  struct State {
    double cpu = 0;
    std::uint64_t count = 0;
    std::uint64_t version = 0;
  };
  std::map<std::string, State> devices_;
  Names order_;  // In which they were first seen.
  std::uint64_t version_ = 0;
};

TEST_CASE("a fleet under random updates and readers is what a simple model says") {
  std::mt19937 random(7);
  FleetFixture world;
  Model model;
  constexpr std::size_t kReaders = 5;
  std::map<std::size_t, Fleet::Version> cursors;  // By reader and block.
  for (int step = 0; step < 20'000; ++step) {
    CAPTURE(step);
    const std::string device = "d" + std::to_string(random() % 700);
    switch (random() % 4) {
      case 0: {
        if (world.fleet.blocks() == 0) break;
        const std::size_t block = random() % world.fleet.blocks();
        Fleet::Version& cursor = cursors[block * kReaders + random() % kReaders];
        const Names expected = model.NewerThan(block, cursor);
        CHECK(NamesOf(world.fleet.NewerThan(block, cursor, Detail::kHeadline)) == expected);
        break;
      }
      case 1:
        if (random() % 50 == 0) model.CheckSame(world.fleet.List(Detail::kHeadline));
        break;
      default: {
        const auto cpu = static_cast<double>(random() % 100);
        world.Update(device, cpu);
        model.Update(device, cpu);
      }
    }
  }
  model.CheckSame(world.fleet.List(Detail::kHeadline));
}

}  // namespace
}  // namespace edgefeed
