#include "collector/fleet/subscription.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

constexpr std::chrono::milliseconds kInterval = 1s;

class FleetFixture {
 public:
  void Update(const std::string& device) {
    REQUIRE(fleet.Admit(device));
    fleet.Update(device, {.cpu_usage_percent = ++newest[device]}, Lane::kLive);
  }
  void UpdateAll(int count) {
    for (int i = 0; i < count; ++i) Update("d" + std::to_string(i));
  }

  ManualScheduler scheduler;
  CollectorStats stats;
  Fleet fleet{scheduler, {}, stats};
  std::map<std::string, double> newest;  // The value of each device's newest sample: 1, 2, 3 …
};

// A subscriber that says itself when it is ready for more.
class Reader {
 public:
  Reader(FleetFixture& world, const std::string& device)
      : world_(world),
        subscription_(world.fleet, world.scheduler, {.device = device, .interval = kInterval},
                      [this](const auto& devices) { Take(devices); }) {
    subscription_.Ready();
  }

  void Ready() {
    waiting_ = true;
    subscription_.Ready();
  }

  // "name value" of what came since the last call.
  Names Got() {
    CHECK(too_early_ == 0);  // Never two of one device within the interval.
    return std::exchange(got_, {});
  }
  std::size_t deliveries = 0;
  std::size_t largest = 0;

 private:
  void Take(const std::vector<DeviceSnapshot>& devices) {
    CHECK(waiting_);  // Nothing comes that was not asked for.
    waiting_ = false;
    ++deliveries;
    largest = std::max(largest, devices.size());
    for (const DeviceSnapshot& device : devices) {
      CHECK(device.cpu_usage_percent == world_.newest.at(device.name));  // Never an old one.
      const SteadyTime now = world_.scheduler.Now();
      const auto [last, is_new] = last_.try_emplace(device.name, now);
      if (!is_new && now - last->second < kInterval) ++too_early_;
      last->second = now;
      got_.push_back(device.name + " " +
                     std::to_string(static_cast<int>(device.cpu_usage_percent)));
    }
  }

  FleetFixture& world_;
  bool waiting_ = true;
  int too_early_ = 0;
  Names got_;
  std::map<std::string, SteadyTime> last_;
  Subscription subscription_;
};

TEST_CASE_FIXTURE(FleetFixture, "the newest sample comes at once") {
  Update("a");
  Update("a");
  Reader reader(*this, "a");
  CHECK(reader.Got() == Names{"a 2"});
}

TEST_CASE_FIXTURE(FleetFixture, "each newer one comes, at most one an interval") {
  Update("a");
  Reader reader(*this, "a");
  reader.Got();
  reader.Ready();
  Update("a");
  Update("a");
  scheduler.Advance(999ms);
  CHECK(reader.Got().empty());
  scheduler.Advance(1ms);
  CHECK(reader.Got() == Names{"a 3"});  // The newest: it misses the one between.

  reader.Ready();
  scheduler.Advance(10s);
  CHECK(reader.Got().empty());  // Nothing newer.
  Update("a");
  CHECK(reader.Got() == Names{"a 4"});  // The interval is long over: at once.
}

TEST_CASE_FIXTURE(FleetFixture, "only the device that was asked for is delivered") {
  Update("a");
  Update("b");
  Reader reader(*this, "a");
  reader.Got();
  reader.Ready();
  Update("b");
  scheduler.Advance(10s);
  CHECK(reader.Got().empty());
}

TEST_CASE_FIXTURE(FleetFixture,
                  "a device that is known but has sent nothing is delivered when it does") {
  REQUIRE(fleet.Admit("a"));
  Reader reader(*this, "a");
  CHECK(reader.Got().empty());
  Update("a");
  CHECK(reader.Got() == Names{"a 1"});
}

TEST_CASE_FIXTURE(FleetFixture, "a slow reader gets the newest when it is ready, and only that") {
  Update("a");
  Reader reader(*this, "a");
  reader.Got();
  for (int i = 0; i < 100; ++i) {
    Update("a");
    scheduler.Advance(1s);
  }
  CHECK(reader.Got().empty());
  reader.Ready();
  CHECK(reader.Got() == Names{"a 101"});
  reader.Ready();
  scheduler.Advance(10s);
  CHECK(reader.Got().empty());
}

TEST_CASE_FIXTURE(FleetFixture, "a reader of the whole fleet gets every device, and new ones too") {
  Update("b");
  Update("a");
  Reader reader(*this, "");
  CHECK(reader.Got() == Names{"b 1", "a 1"});
  reader.Ready();
  Update("c");
  Update("b");
  scheduler.Advance(1s);
  CHECK(reader.Got() == Names{"b 2", "c 1"});
}

TEST_CASE_FIXTURE(FleetFixture, "a big fleet comes in batches, without waiting in between") {
  UpdateAll(1000);
  Reader reader(*this, "");
  for (int i = 0; i < 10; ++i) reader.Ready();
  const Names got = reader.Got();
  CHECK(got.size() == 1000);
  CHECK(std::set<std::string>(got.begin(), got.end()).size() == 1000);
  CHECK(reader.deliveries == 4);
  CHECK(reader.largest == Fleet::kBlock);
}

TEST_CASE_FIXTURE(FleetFixture, "a fleet of exactly one batch does not lose its rhythm") {
  UpdateAll(256);
  Reader reader(*this, "");
  reader.Ready();
  CHECK(reader.Got().size() == 256);
  UpdateAll(256);
  CHECK(reader.Got().empty());
  scheduler.Advance(1s);
  CHECK(reader.Got().size() == 256);
}

TEST_CASE_FIXTURE(FleetFixture,
                  "a big fleet that goes on sending does not come faster than the interval") {
  UpdateAll(600);
  Reader reader(*this, "");
  for (int i = 0; i < 300; ++i) {
    UpdateAll(600);
    reader.Ready();
    scheduler.Advance(10ms);
  }
  // Nobody starves.
  const Names got = reader.Got();
  std::map<std::string, int> times;
  for (const std::string& line : got) ++times[line.substr(0, line.find(' '))];
  CHECK(times.size() == 600);
}

TEST_CASE_FIXTURE(FleetFixture, "a subscription that is gone is not called") {
  Update("a");
  {
    Reader reader(*this, "a");
    reader.Ready();
    Update("a");  // Waits for its interval.
  }
  Update("a");
  scheduler.Advance(10s);
}

TEST_CASE("readers at random speeds never get too much, and end with the newest of every device") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    FleetFixture world;
    world.UpdateAll(20);
    Reader one(world, "d7");
    Reader all(world, "");
    for (int step = 0; step < 2000; ++step) {
      switch (random() % 4) {
        case 0: one.Ready(); break;
        case 1: all.Ready(); break;
        case 2: world.scheduler.Advance(std::chrono::milliseconds(random() % 200)); break;
        default: world.Update("d" + std::to_string(random() % 20));
      }
    }
    for (int i = 0; i < 20; ++i) world.Update("d" + std::to_string(i));
    all.Got();
    for (int i = 0; i < 3; ++i) {
      one.Ready();
      all.Ready();
      world.scheduler.Advance(1s);
    }
    CHECK(all.Got().size() == 20);
    CHECK(one.Got().back() == "d7 " + std::to_string(static_cast<int>(world.newest["d7"])));
  }
}

}  // namespace
}  // namespace edgefeed
