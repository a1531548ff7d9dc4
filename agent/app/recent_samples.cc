#include "agent/app/recent_samples.h"

#include <chrono>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxSamples = 120;
constexpr std::size_t kMaxOfDump = 60;
constexpr std::chrono::seconds kApart{1};
constexpr std::chrono::minutes kBefore{1};

}  // namespace

RecentSamples::RecentSamples(Scheduler& core, Scheduler& dumps, SampleSink& next,
                             const SeriesTable& series, SampleClock& clock)
    : core_(core), dumps_(dumps), next_(next), series_(series), clock_(clock) {}

void RecentSamples::Accept(Sample sample) {
  const bool is_due = sample.since_boot &&
                      (samples_.empty() ||
                       *sample.since_boot - *samples_.back().since_boot >= kApart - kApart / 10);
  if (is_due) {
    samples_.push_back(sample);
    if (samples_.size() > kMaxSamples) samples_.pop_front();
  }
  next_.Accept(std::move(sample));
}

void RecentSamples::Recall(std::chrono::milliseconds since_boot,
                           std::function<void(DeviceMoment)> answer) {
  core_.Post([this, since_boot, answer = std::move(answer)] {
    dumps_.Post([answer, moment = At(since_boot)] { answer(moment); });
  });
}

DeviceMoment RecentSamples::At(std::chrono::milliseconds since_boot) {
  DeviceMoment moment{.time = clock_.At(since_boot), .clock = clock_.trust(), .metrics = {}};
  std::vector<const Sample*> before;
  for (const Sample& sample : samples_) {
    if (*sample.since_boot <= since_boot && since_boot - *sample.since_boot <= kBefore) {
      before.push_back(&sample);
    }
  }
  if (before.size() > kMaxOfDump) before.erase(before.begin(), before.end() - kMaxOfDump);
  moment.metrics = MetricsOf(before);
  return moment;
}

DumpMetrics RecentSamples::MetricsOf(const std::vector<const Sample*>& samples) {
  DumpMetrics all;
  if (samples.empty()) return all;
  std::map<SeriesId, std::vector<double>> rows;
  const std::vector<double> empty_row(samples.size(), std::nan(""));
  DumpMetric cpu{.series = {.metric = std::string(metrics::kCpuUsage.name), .labels = {}},
                 .values = {}};
  DumpMetric memory{.series = {.metric = std::string(metrics::kMemoryMb.name), .labels = {}},
                    .values = {}};
  for (std::size_t column = 0; column < samples.size(); ++column) {
    const Sample& sample = *samples[column];
    all.times.push_back(clock_.At(*sample.since_boot));
    cpu.values.push_back(sample.cpu_usage_percent);
    memory.values.push_back(sample.memory_used_mib);
    for (const Reading& reading : sample.readings) {
      rows.try_emplace(reading.series, empty_row).first->second[column] = reading.value;
    }
  }
  all.metrics.push_back(std::move(cpu));
  all.metrics.push_back(std::move(memory));
  for (auto& [series, row] : rows) {
    all.metrics.push_back({.series = series_[series], .values = std::move(row)});
  }
  return all;
}

}  // namespace edgefeed
