#pragma once

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/collector/history/history_fixture.h"

namespace edgefeed {

// A history that is asked.
class QueryFixture : public HistoryFixture {
 public:
  QueryFixture() { Open(); }

  Result<HistoryAnswer> Ask(const HistoryQuery& query) {
    std::optional<Result<HistoryAnswer>> answer;
    history->Query(query, [&answer](Result<HistoryAnswer> given) {
      CHECK_FALSE(answer);
      answer = std::move(given);
    });
    scheduler.RunUntilIdle();
    REQUIRE(answer);
    return *answer;
  }
  HistoryAnswer Get(const HistoryQuery& query) {
    auto answer = Ask(query);
    REQUIRE_MESSAGE(answer, (answer ? "" : answer.error().message));
    return *answer;
  }
  // cpu_usage of the device at all times.
  HistoryAnswer CpuUsage(const std::string& device,
                         std::chrono::milliseconds step = std::chrono::milliseconds(0)) {
    return Get({.device = device,
                .metric = "cpu_usage",
                .from = WallTime(std::chrono::milliseconds(0)),
                .to = scheduler.WallNow() + std::chrono::hours(24),
                .step = step});
  }

  // Sends a sample with this cpu_usage, of this time.
  void Send(const std::string& device, WallTime time, double cpu_usage,
            std::vector<Reading> readings = {}) {
    const Sample sample{.time = time,
                        .cpu_usage_percent = cpu_usage,
                        .memory_used_mib = 10 * cpu_usage,
                        .readings = std::move(readings)};
    REQUIRE(writer->Append(device, sample, scheduler.WallNow()));
  }
};

// The slow and simple way.
using Points = std::map<WallTime, double>;

inline std::vector<HistoryBucket> BucketsOf(const Points& points, std::chrono::milliseconds step) {
  std::vector<HistoryBucket> buckets;
  for (const auto& [time, value] : points) {
    const auto begin = step.count() == 0 ? time : WallTime(time.time_since_epoch() / step * step);
    const auto bucket = HistoryBucket::Of(begin, value);
    if (!buckets.empty() && buckets.back().time == begin) {
      buckets.back().Merge(bucket);
    } else {
      buckets.push_back(bucket);
    }
  }
  return buckets;
}

}  // namespace edgefeed
