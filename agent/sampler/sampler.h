#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/ports.h"
#include "agent/proc/kernel.h"
#include "agent/sampler/cpu_usage.h"
#include "common/model/series.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

struct SamplerConfig {
  std::chrono::milliseconds interval{1000};
};

// Takes a sample at each start + n × interval of the steady clock, whatever a sample costs and
// however the wall clock jumps. The first one comes early, after min(interval, 100 ms), so that a
// device shows up at once; Start() reads the CPU's ticks that it is measured against. What the
// kernel does not tell of CPU or memory is 0 in the sample. Lives on the scheduler's thread;
// destroying it stops it.
class Sampler {
 public:
  // All must outlive the sampler. Precondition: interval > 0.
  Sampler(Scheduler& scheduler, Kernel& kernel, SeriesTable& series, SampleClock& clock,
          SampleSink& sink, const SamplerConfig& config);

  void Start();

 private:
  // A series as it stood in this place of the sample before, where it mostly stands again.
  struct Place {
    const MetricInfo* metric = nullptr;
    Labels labels;
    std::optional<SeriesId> id;  // Nothing: the table was full.
  };

  void ScheduleAt(SteadyTime due);
  void Tick(SteadyTime due);
  [[nodiscard]] SteadyTime DueAfter(SteadyTime time) const;
  Sample TakeSample();
  void AddReading(std::size_t place, MachineReading reading, Sample& sample);

  Scheduler& scheduler_;
  Kernel& kernel_;
  SeriesTable& series_;
  SampleClock& clock_;
  SampleSink& sink_;
  const SamplerConfig config_;

  SteadyTime start_;
  Timer timer_;
  CpuUsage cpu_;
  std::vector<Place> places_;
  std::uint64_t missed_ticks_ = 0;
  std::uint64_t series_dropped_ = 0;
};

}  // namespace edgefeed
