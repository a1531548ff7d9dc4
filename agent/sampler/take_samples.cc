#include "agent/sampler/take_samples.h"

#include <latch>
#include <memory>
#include <utility>

#include "agent/sampler/sampler.h"
#include "common/base/clock.h"
#include "common/runtime/strand.h"

namespace edgefeed {
namespace {

// The system's clock as it is.
class WallClock final : public SampleClock {
 public:
  explicit WallClock(const Clock& clock) : clock_(clock) {}
  WallTime At(std::chrono::milliseconds since_boot) override {
    return clock_.Wall() - clock_.SinceBoot() + since_boot;
  }
  [[nodiscard]] ClockTrust trust() const override { return ClockTrust::kDevice; }
  void Learn(WallTime /*collector_time*/, std::chrono::milliseconds /*round_trip*/) override {}

 private:
  const Clock& clock_;
};

class Collected final : public SampleSink {
 public:
  explicit Collected(const SampleRun& run) : run_(run) {}

  void Accept(Sample sample) override {
    if (std::exchange(first_, false) || samples_.size() == run_.count) return;
    sample.position = {1, run_.first_sequence + samples_.size()};
    samples_.push_back(std::move(sample));
    run_.on_sample(samples_.size());
    if (samples_.size() == run_.count) complete_.count_down();
  }
  void Await() const { complete_.wait(); }
  std::vector<Sample> Take() { return std::move(samples_); }

 private:
  const SampleRun& run_;
  bool first_ = true;
  std::vector<Sample> samples_;
  std::latch complete_{1};
};

}  // namespace

std::vector<Sample> TakeSamples(Kernel& kernel, SeriesTable& series, const SampleRun& run) {
  const SystemClock clock;
  WallClock wall(clock);
  Collected collected(run);
  Strand strand("sampler", clock);
  std::unique_ptr<Sampler> sampler;
  RunOn(strand, [&] {
    sampler = std::make_unique<Sampler>(strand, kernel, series, wall, collected,
                                        SamplerConfig{.interval = run.interval});
    sampler->Start();
  });
  collected.Await();
  RunOn(strand, [&] { sampler.reset(); });
  return collected.Take();
}

}  // namespace edgefeed
