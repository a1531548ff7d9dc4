#include "collector/rules/device_timeline.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const WallTime kStart = FromUnixMillis(1'700'000'000'000);

TEST_CASE("without surprises the timeline is the device's clock") {
  DeviceTimeline timeline;
  for (const auto at : {0s, 1s, 2s, 2s, 30s}) {
    const auto step = timeline.Advance(kStart + at);
    CHECK(step.time == kStart + at);
    CHECK_FALSE(step.after_gap);
  }
}

TEST_CASE("a clock that is set back goes on from where it was") {
  DeviceTimeline timeline;
  timeline.Advance(kStart);
  CHECK(timeline.Advance(kStart - 1h).time == kStart);
  CHECK(timeline.Advance(kStart - 1h + 10s).time == kStart + 10s);
  CHECK(timeline.Advance(kStart - 2h).time == kStart + 10s);
  CHECK(timeline.Advance(kStart - 2h + 1s).time == kStart + 11s);
}

TEST_CASE("a gap is over 30 seconds, and over three of the intervals before") {
  DeviceTimeline timeline;
  timeline.Advance(kStart);
  CHECK_FALSE(timeline.Advance(kStart + 30s).after_gap);
  CHECK_FALSE(timeline.Advance(kStart + 120s).after_gap);
  CHECK(timeline.Advance(kStart + 391s).after_gap);
}

TEST_CASE("a device that sends once a minute has no gaps but the first") {
  DeviceTimeline timeline;
  timeline.Advance(kStart);
  CHECK(timeline.Advance(kStart + 1min).after_gap);  // Who knows.
  for (int i = 2; i < 10; ++i) CHECK_FALSE(timeline.Advance(kStart + i * 1min).after_gap);
}

}  // namespace
}  // namespace edgefeed
