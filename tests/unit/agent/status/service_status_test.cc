#include "agent/status/service_status.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// An agent whose sampler and feed work as long as they are let.
struct StatusFixture {
  void Watch(const ServiceStatusConfig& config) {
    status.emplace(
        scheduler, config,
        [this] {
          if (samples) ++moment.samples_taken;
          if (feeds) ++moment.feed_turns;
          return moment;
        },
        [this](std::string_view state) { told.emplace_back(state); });
  }
  Lines Take() { return std::exchange(told, {}); }
  // Of "WATCHDOG=1" within a time.
  std::ptrdiff_t Fed(std::chrono::milliseconds time) {
    Take();
    scheduler.Advance(time);
    return std::ranges::count(Take(), "WATCHDOG=1");
  }

  ManualScheduler scheduler;
  AgentMoment moment{.summary = "connected"};
  bool samples = true;
  bool feeds = true;
  Lines told;
  std::optional<ServiceStatus> status;
};

TEST_CASE_FIXTURE(StatusFixture, "without a watchdog there is a status, once for each change") {
  Watch({});
  CHECK(Take() == Lines{"STATUS=connected"});
  scheduler.Advance(60s);
  CHECK(Take().empty());
  moment.summary = "no collector";
  scheduler.Advance(10s);
  CHECK(Take() == Lines{"STATUS=no collector"});
}

TEST_CASE_FIXTURE(StatusFixture, "the watchdog is fed three times in its period") {
  Watch({.watchdog = 6s});
  CHECK(Take() == Lines{"STATUS=connected", "WATCHDOG=1"});
  CHECK(Fed(60s) == 30);
}

TEST_CASE_FIXTURE(StatusFixture, "who takes no samples is not well, and says so") {
  Watch({.watchdog = 6s, .sample_within = 30s});
  samples = false;
  CHECK(Fed(30s) == 15);
  CHECK(Fed(60s) == 0);
  CHECK(status);
  samples = true;
  scheduler.Advance(2s);
  CHECK(Take() == Lines{"STATUS=connected", "WATCHDOG=1"});
}

TEST_CASE_FIXTURE(StatusFixture, "a feed that stands still is not well; one that tries again is") {
  Watch({.watchdog = 6s, .feed_turn_within = 10min});
  CHECK(Fed(1h) == 1800);
  feeds = false;
  CHECK(Fed(10min) == 300);
  scheduler.Advance(2s);
  CHECK(Take() == Lines{"STATUS=connected; the feed stands still"});
  CHECK(Fed(1h) == 0);
}

}  // namespace
}  // namespace edgefeed
