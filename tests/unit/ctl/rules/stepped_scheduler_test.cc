#include "ctl/rules/stepped_scheduler.h"

#include <doctest/doctest.h>

#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

TEST_CASE("the clock stops at each timer on its way, and never goes back") {
  SteppedScheduler scheduler;
  scheduler.AdvanceTo(WallTime(1h));
  std::vector<WallTime> ran;
  const auto note = [&] { ran.push_back(scheduler.WallNow()); };
  Timer again;
  const Timer late = scheduler.RunAfter(2s, note);
  const Timer early = scheduler.RunAfter(1s, [&] {
    note();
    again = scheduler.RunAfter(500ms, note);
  });
  Timer cancelled = scheduler.RunAfter(1s, [&] { FAIL("was cancelled"); });
  cancelled.Cancel();
  scheduler.Post(note);

  scheduler.AdvanceTo(WallTime(1h + 3s));
  CHECK(ran == std::vector<WallTime>{WallTime(1h), WallTime(1h + 1s), WallTime(1h + 1500ms),
                                     WallTime(1h + 2s)});
  scheduler.AdvanceTo(WallTime(1h));
  CHECK(scheduler.WallNow() == WallTime(1h + 3s));
}

}  // namespace
}  // namespace edgefeed
