#include "collector/history/bucket_series.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace edgefeed {
namespace {

WallTime StepOf(WallTime time, std::chrono::milliseconds step) {
  if (step.count() == 0) return time;
  const auto since = time.time_since_epoch();
  const auto past = ((since % step) + step) % step;
  return WallTime(since - past);
}

}  // namespace

void AddSamples(const std::vector<Sample>& samples, const SeriesMatch& match, WallTime from,
                WallTime to, OutputBuckets& outputs) {
  outputs.resize(match.outputs);
  for (const Sample& sample : samples) {
    if (sample.time < from || sample.time >= to) continue;
    const auto add = [&](std::size_t output, double value) {
      outputs[output].push_back(HistoryBucket::Of(sample.time, value));
    };
    if (match.cpu_usage) add(*match.cpu_usage, sample.cpu_usage_percent);
    if (match.memory_mb) add(*match.memory_mb, sample.memory_used_mib);
    for (const Reading& reading : sample.readings) add(reading.series, reading.value);
  }
}

void MergeSteps(std::chrono::milliseconds step, OutputBuckets& outputs) {
  for (auto& buckets : outputs) {
    std::ranges::stable_sort(buckets, {}, &HistoryBucket::time);
    if (step.count() == 0) continue;
    std::vector<HistoryBucket> merged;
    for (HistoryBucket& bucket : buckets) {
      bucket.time = StepOf(bucket.time, step);
      if (!merged.empty() && merged.back().time == bucket.time) {
        merged.back().Merge(bucket);
      } else {
        merged.push_back(bucket);
      }
    }
    buckets = std::move(merged);
  }
}

void AppendSteps(std::chrono::milliseconds step, OutputBuckets newer, OutputBuckets& outputs) {
  outputs.resize(std::max(outputs.size(), newer.size()));
  for (std::size_t i = 0; i < newer.size(); ++i) {
    auto from = newer[i].begin();
    const bool meet = step.count() != 0 && from != newer[i].end() && !outputs[i].empty() &&
                      outputs[i].back().time == from->time;
    if (meet) outputs[i].back().Merge(*from++);
    std::copy(from, newer[i].end(), std::back_inserter(outputs[i]));
  }
}

std::size_t CountBuckets(const OutputBuckets& outputs) {
  std::size_t count = 0;
  for (const auto& buckets : outputs) count += buckets.size();
  return count;
}

WallTime CutBuckets(std::size_t limit, WallTime end, OutputBuckets& outputs) {
  std::vector<WallTime> times;
  for (const auto& buckets : outputs) {
    std::ranges::transform(buckets, std::back_inserter(times), &HistoryBucket::time);
  }
  if (times.size() <= limit) return end;
  std::ranges::sort(times);
  WallTime cut = times[limit];
  if (cut == times.front()) {
    const auto next = std::ranges::upper_bound(times, cut);
    if (next == times.end()) return end;
    cut = *next;
  }
  for (auto& buckets : outputs) {
    std::erase_if(buckets, [cut](const HistoryBucket& bucket) { return bucket.time >= cut; });
  }
  return cut;
}

}  // namespace edgefeed
