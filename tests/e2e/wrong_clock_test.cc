// The real agent on a device whose clock is wrong, or is stepped while it runs.

#include "tests/support/wrong_clock.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "common/base/units.h"
#include "tests/e2e/rig.h"
#include "tests/e2e/stored.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Kernel = WrongClock::Kernel;

constexpr milliseconds kInterval = 100ms;
// How far a stamp may be from the truth.
constexpr milliseconds kMostOff = 1s;

// The wall clock stands a minute after its beginning.
milliseconds BackTo1970() { return 1min - SystemClock().Wall().time_since_epoch(); }

AgentSpec SpecOf(const RunningCollector& collector, const WrongClock& clock) {
  return {.name = "dreamer",
          .collector = collector.address(),
          .interval = FormatDuration(kInterval),
          .environment = clock.environment()};
}

// Both killed, so that nothing is there but what was acknowledged.
class Stored {
 public:
  explicit Stored(RunningCollector& collector) {
    collector.program().Kill();
    static_cast<void>(collector.program().Wait(kPatience));
    const auto data = collector.directory() / "data";
    uptimes_ = ReadStored(data, "dreamer", "uptime_seconds");
    missed_ = ReadStored(data, "dreamer", "agent_missed_ticks_total");
    REQUIRE(missed_.size() == uptimes_.size());
  }

  [[nodiscard]] std::size_t count() const { return uptimes_.size(); }

  // The farthest stamp from the truth, which is the machine's boot and the uptime in the sample.
  [[nodiscard]] milliseconds MostOff() const {
    const SystemClock clock;
    const WallTime boot = clock.Wall() - clock.SinceBoot();
    milliseconds most{0};
    for (const HistoryBucket& sample : uptimes_) {
      const auto uptime = milliseconds(static_cast<std::int64_t>(sample.last * 1000));
      most = std::max(most, std::chrono::abs(sample.time - (boot + uptime)));
    }
    return most;
  }

  // No bursts, no gaps: a sample for each interval, but for those that the agent missed because the
  // machine was busy, and says so.
  void CheckSteady() const {
    const auto seconds = uptimes_.back().last - uptimes_.front().last;
    const auto expected = seconds / std::chrono::duration<double>(kInterval).count() + 1;
    const auto counted = static_cast<double>(count()) + missed_.back().last;
    CHECK(std::abs(counted - expected) <= 2);
  }

 private:
  std::vector<HistoryBucket> uptimes_;
  std::vector<HistoryBucket> missed_;
};

TEST_CASE("a device that boots in 1970: its samples get the right time, on disk or in memory" *
          doctest::test_suite("soak")) {
  WrongClock clock;
  clock.Set(BackTo1970(), Kernel::kUnsynchronized);
  RunningCollector collector("rules: []");
  collector.program().Kill();
  RunningAgent agent(SpecOf(collector, clock));
  REQUIRE(agent.program().WaitForLine("device 'dreamer'", kPatience));
  LetPass(2s);  // Samples that go to disk with a time in 1970 …
  agent.program().Signal(SIGTERM);
  REQUIRE(agent.program().Wait(kPatience) == 0);
  agent.Start();
  LetPass(2s);  // … and such that wait in memory …
  collector.Start();
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  LetPass(2s);  // … and such that are sent at once …
  clock.Set(0s, Kernel::kSynchronized);
  LetPass(2s);  // … and such that have the right time anyway.
  REQUIRE(collector.AwaitCaughtUp("dreamer"));
  const AgentTotals totals = agent.Stop();

  const Stored stored(collector);
  CHECK(totals.found > 0);
  CHECK(stored.count() == totals.found + totals.taken);
  CHECK(stored.MostOff() <= kMostOff);
}

TEST_CASE("a clock of which the kernel may not be asked is not believed" *
          doctest::test_suite("soak")) {
  WrongClock clock;
  clock.Set(-240h, Kernel::kSilent);
  RunningCollector collector("rules: []");
  RunningAgent agent(SpecOf(collector, clock));
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  LetPass(1s);
  REQUIRE(collector.AwaitCaughtUp("dreamer"));
  const AgentTotals totals = agent.Stop();

  const Stored stored(collector);
  CHECK(stored.count() == totals.taken);
  CHECK(stored.MostOff() <= kMostOff);
}

TEST_CASE("steps of an hour, either way, leave each stamp right: no bursts, no gaps" *
          doctest::test_suite("soak")) {
  WrongClock clock;
  clock.Set(0s, Kernel::kUnsynchronized);
  RunningCollector collector("rules: []");
  RunningAgent agent(SpecOf(collector, clock));
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  for (const auto offset : {1h, 0h, -1h, 0h}) {
    LetPass(1500ms);
    clock.Set(offset, Kernel::kUnsynchronized);
  }
  LetPass(1500ms);
  REQUIRE(collector.AwaitCaughtUp("dreamer"));
  const AgentTotals totals = agent.Stop();

  const Stored stored(collector);
  CHECK(stored.count() == totals.taken);
  CHECK(stored.MostOff() <= kMostOff);
  stored.CheckSteady();
}

TEST_CASE("a synchronised clock that loses the network and is stepped is not believed" *
          doctest::test_suite("soak")) {
  WrongClock clock;
  clock.Set(0s, Kernel::kSynchronized);
  RunningCollector collector("rules: []");
  RunningAgent agent(SpecOf(collector, clock));
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  LetPass(1s);
  collector.program().Kill();
  clock.Set(-1h, Kernel::kUnsynchronized);
  LetPass(2s);
  collector.Start();
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  REQUIRE(collector.AwaitCaughtUp("dreamer"));
  const AgentTotals totals = agent.Stop();

  const Stored stored(collector);
  CHECK(stored.count() == totals.taken);
  CHECK(stored.MostOff() <= kMostOff);
  stored.CheckSteady();
}

TEST_CASE("a leap second moves no stamp by more than itself: no burst, no gap" *
          doctest::test_suite("soak")) {
  WrongClock clock;
  clock.Set(0s, Kernel::kSynchronized);
  RunningCollector collector("rules: []");
  RunningAgent agent(SpecOf(collector, clock));
  REQUIRE(agent.program().WaitForLine("connected to", kPatience));
  LetPass(2s);
  clock.Set(-1s, Kernel::kSynchronized);
  LetPass(2s);
  REQUIRE(collector.AwaitCaughtUp("dreamer"));
  const AgentTotals totals = agent.Stop();

  const Stored stored(collector);
  CHECK(stored.count() == totals.taken);
  CHECK(stored.MostOff() > kMostOff / 2);  // The clock was in force.
  CHECK(stored.MostOff() <= kMostOff + kInterval);
  stored.CheckSteady();
}

}  // namespace
}  // namespace edgefeed::e2e
