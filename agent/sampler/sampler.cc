#include "agent/sampler/sampler.h"

#include <algorithm>
#include <utility>

#include "common/model/metrics.h"

namespace edgefeed {
namespace {

constexpr std::chrono::milliseconds kFirstSampleAfter{100};

}  // namespace

Sampler::Sampler(Scheduler& scheduler, Kernel& kernel, SeriesTable& series, SampleClock& clock,
                 SampleSink& sink, const SamplerConfig& config)
    : scheduler_(scheduler),
      kernel_(kernel),
      series_(series),
      clock_(clock),
      sink_(sink),
      config_(config) {}

void Sampler::Start() {
  start_ = scheduler_.Now();
  if (const auto ticks = kernel_.Read().cpu) cpu_.Update(*ticks);
  ScheduleAt(start_ + std::min(config_.interval, kFirstSampleAfter));
}

void Sampler::ScheduleAt(SteadyTime due) {
  timer_ = scheduler_.RunAt(due, [this, due] { Tick(due); });
}

void Sampler::Tick(SteadyTime due) {
  const SteadyTime now = scheduler_.Now();
  const SteadyTime next = DueAfter(now);
  // Ticks that should have come between this one and the next.
  missed_ticks_ += static_cast<std::uint64_t>((next - DueAfter(due)) / config_.interval);
  ScheduleAt(next);
  sink_.Accept(TakeSample());
}

SteadyTime Sampler::DueAfter(SteadyTime time) const {
  return start_ + ((time - start_) / config_.interval + 1) * config_.interval;
}

Sample Sampler::TakeSample() {
  MachineState state = kernel_.Read();
  Sample sample;
  sample.since_boot = scheduler_.SinceBoot();
  clock_.Stamp(sample);
  if (state.cpu) sample.cpu_usage_percent = cpu_.Update(*state.cpu);
  sample.memory_used_mib = state.memory_used_mib.value_or(0);

  sample.readings.reserve(state.readings.size() + 2);
  // First, so that a full table cannot leave out the series that says so.
  AddReading(0, {&metrics::kAgentSeriesDropped, {}, static_cast<double>(series_dropped_)}, sample);
  AddReading(1, {&metrics::kAgentMissedTicks, {}, static_cast<double>(missed_ticks_)}, sample);
  std::size_t place = 2;
  for (MachineReading& reading : state.readings) AddReading(place++, std::move(reading), sample);
  return sample;
}

void Sampler::AddReading(std::size_t place, MachineReading reading, Sample& sample) {
  if (place >= places_.size()) places_.resize(place + 1);
  Place& known = places_[place];
  if (known.metric != reading.metric || known.labels != reading.labels) {
    Series series{std::string(reading.metric->name), std::move(reading.labels)};
    known.id = series_.Intern(series);
    known.metric = reading.metric;
    known.labels = std::move(series.labels);
  }
  if (known.id) {
    sample.readings.push_back({*known.id, reading.value});
  } else {
    ++series_dropped_;
  }
}

}  // namespace edgefeed
