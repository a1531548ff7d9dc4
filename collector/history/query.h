#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/series.h"

// What the history is asked, and what it answers.
namespace edgefeed {

struct HistoryQuery {
  std::string device;
  std::string metric;  // A metric's name; also cpu_usage and memory_mb.
  Labels labels;       // Which a series must have, among others.
  WallTime from;       // Included.
  WallTime to;         // Not included.
  // Of the answer's buckets, which begin at multiples of it since 1970; 0: each sample on its own.
  // Samples that are kept only as minutes or hours give buckets of that length.
  std::chrono::milliseconds step{0};
  std::size_t limit = 100'000;  // Buckets of all series together.
  std::chrono::milliseconds timeout{10'000};
  // Asked between hours, on the store strand. Once it says no, the query ends without an answer.
  std::function<bool()> is_wanted = [] { return true; };
};

// The values of a stretch of time, or one value. Where there is none there is no bucket.
struct HistoryBucket {
  WallTime time;  // Where it begins.
  double min = 0;
  double max = 0;
  double sum = 0;
  std::uint64_t count = 0;
  double last = 0;

  static HistoryBucket Of(WallTime time, double value) {
    return {.time = time, .min = value, .max = value, .sum = value, .count = 1, .last = value};
  }
  // Precondition: the other is not older.
  void Merge(const HistoryBucket& other) {
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    sum += other.sum;
    count += other.count;
    last = other.last;
  }
  friend bool operator==(const HistoryBucket&, const HistoryBucket&) = default;
};

struct HistorySeries {
  Series series;
  std::vector<HistoryBucket> buckets;  // In order of time.
};

struct HistoryAnswer {
  std::vector<HistorySeries> series;  // Those with values, in order.
  // Up to here (not included) it is complete: the query's `to`, or less when its limit was reached.
  WallTime end;
};

using HistoryAnswered = std::function<void(Result<HistoryAnswer>)>;

// Which series a device has had.
using SeriesListed = std::function<void(Result<std::vector<Series>>)>;

}  // namespace edgefeed
