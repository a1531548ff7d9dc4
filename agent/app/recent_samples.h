#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <vector>

#include "agent/ports.h"
#include "common/model/series.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Keeps the samples of the last two minutes on their way to the next sink, for dumps: what the
// device was like when a program crashed. At most 120, a second apart. On the core strand, but for
// Recall().
class RecentSamples final : public SampleSink, public DeviceMemory {
 public:
  // All must outlive it, and it every answer that waits on a strand. `series` is that of the
  // samples.
  RecentSamples(Scheduler& core, Scheduler& dumps, SampleSink& next, const SeriesTable& series,
                SampleClock& clock);

  void Accept(Sample sample) override;
  void Recall(std::chrono::milliseconds since_boot,
              std::function<void(DeviceMoment)> answer) override;

 private:
  [[nodiscard]] DeviceMoment At(std::chrono::milliseconds since_boot);
  [[nodiscard]] DumpMetrics MetricsOf(const std::vector<const Sample*>& samples);

  Scheduler& core_;
  Scheduler& dumps_;
  SampleSink& next_;
  const SeriesTable& series_;
  SampleClock& clock_;
  std::deque<Sample> samples_;  // Oldest first.
};

}  // namespace edgefeed
