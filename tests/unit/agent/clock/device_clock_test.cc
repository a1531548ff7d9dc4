#include "agent/clock/device_clock.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// A device whose own clock the test sets, beside the true time.
class ClockFixture {
 public:
  [[nodiscard]] WallTime True() const { return FromUnixMillis(1'800'000'000'000) + elapsed_; }
  void Pass(milliseconds time) {
    scheduler.Advance(time);
    elapsed_ += time;
  }
  void SetWall(WallTime time) { scheduler.clock().StepWall(time - scheduler.WallNow()); }
  [[nodiscard]] milliseconds Now() const { return scheduler.SinceBoot(); }
  // How wrong the clock would stamp this moment.
  [[nodiscard]] milliseconds ErrorNow() { return clock.At(Now()) - True(); }

  LogCapture log;
  ManualScheduler scheduler;
  bool synchronized = false;
  DeviceClock clock{scheduler, [this] { return synchronized; }};

 private:
  milliseconds elapsed_{0};
};

TEST_CASE_FIXTURE(ClockFixture, "a synchronised clock is taken as it is, however it is slewed") {
  synchronized = true;
  SetWall(True());
  CHECK(ErrorNow() == 0ms);
  SetWall(True() + 300ms);
  CHECK(ErrorNow() == 300ms);
  CHECK(clock.trust() == ClockTrust::kKernel);
}

TEST_CASE_FIXTURE(ClockFixture,
                  "samples of a boot in 1970 get the right time once the clock is set") {
  SetWall(FromUnixMillis(5000));
  const milliseconds taken = Now();
  const WallTime truth = True();
  CHECK(clock.At(taken) == FromUnixMillis(5000));
  Pass(10min);
  SUBCASE("by the kernel's synchronisation") {
    SetWall(True());
    synchronized = true;
  }
  SUBCASE("by hand, which the kernel does not call synchronised") { SetWall(True()); }
  SUBCASE("by the collector") { clock.Learn(True(), 0ms); }
  CHECK(clock.At(taken) == truth);
}

TEST_CASE_FIXTURE(ClockFixture, "steps of a clock that was right change nothing") {
  synchronized = true;
  SetWall(True());
  CHECK(ErrorNow() == 0ms);
  synchronized = false;  // Whoever steps the clock also takes the synchronisation away.
  for (const milliseconds step : {milliseconds(1h), milliseconds(-2h), milliseconds(30 * 24h)}) {
    SetWall(scheduler.WallNow() + step);
    Pass(1min);
    CHECK(ErrorNow() == 0ms);
  }
  SetWall(True());
  synchronized = true;
  CHECK(ErrorNow() == 0ms);
}

TEST_CASE_FIXTURE(ClockFixture,
                  "steps change nothing either once the collector has said the time") {
  SetWall(True() - 7h);
  clock.Learn(True(), 0ms);
  SetWall(True() + 9h);
  CHECK(ErrorNow() == 0ms);
  CHECK(clock.trust() == ClockTrust::kCollector);
}

TEST_CASE_FIXTURE(ClockFixture, "a leap second leaves every stamp within a second of Unix time") {
  synchronized = true;
  SetWall(True());
  std::vector<std::pair<milliseconds, WallTime>> taken;  // Since boot, and Unix time then.
  for (int second = 0; second < 10; ++second) {
    // Unix time has 23:59:59 twice, and the kernel's clock with it.
    if (second == 5) SetWall(scheduler.WallNow() - 1s);
    taken.emplace_back(Now(), scheduler.WallNow());
    CHECK(clock.At(Now()) == scheduler.WallNow());
    Pass(1s);
  }
  for (const auto& [since_boot, unix_time] : taken) {
    CHECK(std::chrono::abs(clock.At(since_boot) - unix_time) <= 1s);
  }
}

TEST_CASE_FIXTURE(ClockFixture, "a clock that was never set is told from one that was") {
  SetWall(FromUnixMillis(5000));
  clock.At(Now());
  CHECK(clock.trust() == ClockTrust::kGuess);
  SetWall(True());
  clock.At(Now());
  CHECK(clock.trust() == ClockTrust::kDevice);
  CHECK_FALSE(clock.IsKnown());
}

TEST_CASE_FIXTURE(ClockFixture, "half the round trip to the collector is taken off") {
  const WallTime asked = True();
  Pass(200ms);
  clock.Learn(asked + 100ms, 200ms);
  CHECK(ErrorNow() == 0ms);
}

TEST_CASE_FIXTURE(ClockFixture, "it knows how far the system's clock is off") {
  SetWall(True() + 90s);
  static_cast<void>(clock.At(Now()));
  CHECK(clock.SystemAhead() == 0ms);  // Nobody knows better.
  clock.Learn(True(), 0ms);
  CHECK(clock.SystemAhead() == 90s);
  SetWall(True() - 5s);
  CHECK(clock.SystemAhead() == -5s);
  synchronized = true;
  SetWall(True());
  static_cast<void>(clock.At(Now()));
  CHECK(clock.SystemAhead() == 0ms);
}

TEST_CASE_FIXTURE(ClockFixture, "the kernel's word counts more than the collector's") {
  synchronized = true;
  SetWall(True());
  clock.Learn(True() + 5h, 0ms);
  CHECK(ErrorNow() == 0ms);
  synchronized = false;
  Pass(59min);
  clock.Learn(True() + 5h, 0ms);
  CHECK(ErrorNow() == 0ms);
  Pass(1min);  // An hour ago: a crystal may have drifted since.
  clock.Learn(True() + 5s, 0ms);
  CHECK(ErrorNow() == 5s);
}

TEST_CASE_FIXTURE(ClockFixture, "a clock that is wrong is said once, and a right one is not") {
  SetWall(True() - 1h);
  CHECK(ErrorNow() == -1h);
  clock.Learn(True(), 20ms);
  clock.Learn(True(), 900ms);
  CHECK(log.Take() ==
        std::vector<std::string>{"warning the clock is not synchronised and off by 3600.0 s: "
                                 "samples get the collector's"});
}

TEST_CASE("the kernel tells whether its clock is synchronised") {
  // Both answers are right, depending on the machine; what counts is that it can be asked.
  const bool answer = KernelClockIsSynchronized();
  CHECK(answer == KernelClockIsSynchronized());
}

}  // namespace
}  // namespace edgefeed
