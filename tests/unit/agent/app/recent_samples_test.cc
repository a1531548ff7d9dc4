#include "agent/app/recent_samples.h"

#include <doctest/doctest.h>

#include <cmath>
#include <optional>
#include <vector>

#include "agent/clock/device_clock.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

struct Next final : SampleSink {
  void Accept(Sample sample) override { samples.push_back(std::move(sample)); }
  std::vector<Sample> samples;
};

struct Rig {
  DeviceMoment Recall(std::chrono::milliseconds since_boot) {
    std::optional<DeviceMoment> moment;
    recent.Recall(since_boot, [&](DeviceMoment answer) { moment = std::move(answer); });
    CHECK_FALSE(moment);  // Another strand answers.
    scheduler.RunUntilIdle();
    REQUIRE(moment);
    return *moment;
  }

  ManualScheduler scheduler;
  DeviceClock clock{scheduler, [] { return true; }};
  SeriesTable series{10};
  Next next;
  RecentSamples recent{scheduler, scheduler, next, series, clock};
};

TEST_CASE("a dump gets the samples of the minute before the crash, whatever came later") {
  Rig rig;
  const SeriesId load = *rig.series.Intern({.metric = "load1", .labels = {}});
  for (int second = 1; second <= 300; ++second) {
    Sample sample{.since_boot = std::chrono::seconds(second),
                  .cpu_usage_percent = static_cast<double>(second)};
    if (second % 2 == 0) sample.readings = {{.series = load, .value = 0.5}};
    rig.recent.Accept(sample);
  }
  CHECK(rig.next.samples.size() == 300);

  const DeviceMoment moment = rig.Recall(280'500ms);

  CHECK(moment.time == rig.clock.At(280'500ms));
  CHECK(moment.clock == ClockTrust::kKernel);
  REQUIRE(moment.metrics.times.size() == 60);
  CHECK(moment.metrics.times.front() == rig.clock.At(221s));
  CHECK(moment.metrics.times.back() == rig.clock.At(280s));
  REQUIRE(moment.metrics.metrics.size() == 3);
  CHECK(moment.metrics.metrics[0].series.metric == "cpu_usage");
  CHECK(moment.metrics.metrics[0].values.back() == 280);
  CHECK(moment.metrics.metrics[2].series.metric == "load1");
  CHECK(std::isnan(moment.metrics.metrics[2].values[0]));
  CHECK(moment.metrics.metrics[2].values.back() == 0.5);

  CHECK(rig.Recall(100s).metrics.times.empty());  // Too long ago.
}

TEST_CASE("ten samples a second are kept as one") {
  Rig rig;
  for (int i = 1; i <= 600; ++i) rig.recent.Accept({.since_boot = i * 100ms});
  CHECK(rig.next.samples.size() == 600);
  CHECK(rig.Recall(60s).metrics.times.size() == 60);
}

}  // namespace
}  // namespace edgefeed
