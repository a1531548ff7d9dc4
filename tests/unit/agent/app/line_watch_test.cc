#include "agent/app/line_watch.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the line is busy while more samples wait than may, and that is said once") {
  ManualScheduler scheduler;
  std::uint64_t waiting = 10;
  std::vector<Line> said;
  LineWatch watch(scheduler, {.waiting = [&] { return waiting; },
                              .most_waiting = 10,
                              .on_change = [&](Line line) { said.push_back(line); }});
  watch.OnArrival();
  CHECK(said.empty());

  waiting = 11;
  watch.OnArrival();
  watch.OnArrival();
  scheduler.Advance(5s);
  CHECK(said == std::vector{Line::kBusy});
  waiting = 10;
  scheduler.Advance(1s);  // Without another sample.

  CHECK(said == std::vector{Line::kBusy, Line::kFree});
}

}  // namespace
}  // namespace edgefeed
