// How many bytes a value takes on the wire: real samples of this machine, in batches of several
// sizes, as protobuf messages before any compression.

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <latch>
#include <memory>
#include <vector>

#include "agent/proc/linux_kernel.h"
#include "agent/sampler/sampler.h"
#include "bench/support/json_line.h"
#include "common/base/clock.h"
#include "common/runtime/strand.h"
#include "common/wire/payload_encoder.h"
#include "telemetry.pb.h"

namespace edgefeed::bench {
namespace {

constexpr std::size_t kMaxSeries = 2048;
constexpr std::array<std::size_t, 5> kBatchSizes = {1, 2, 10, 30, 60};

// The system's clock as it is.
class WallClock final : public SampleClock {
 public:
  explicit WallClock(const Clock& clock) : clock_(clock) {}
  WallTime At(std::chrono::milliseconds since_boot) override {
    return clock_.Wall() - clock_.SinceBoot() + since_boot;
  }
  [[nodiscard]] bool IsKnown() const override { return true; }
  void Learn(WallTime /*collector_time*/, std::chrono::milliseconds /*round_trip*/) override {}

 private:
  const Clock& clock_;
};

class Collected final : public SampleSink {
 public:
  explicit Collected(std::size_t count) : missing_(static_cast<std::ptrdiff_t>(count)) {}
  void Accept(Sample sample) override {
    if (missing_.try_wait()) return;
    sample.position = {1, samples_.size() + 1};
    samples_.push_back(std::move(sample));
    missing_.count_down();
  }
  std::vector<Sample> Await() {
    missing_.wait();
    return samples_;
  }

 private:
  std::vector<Sample> samples_;
  std::latch missing_;
};

Result<std::vector<Sample>> TakeSamples(std::size_t count, std::chrono::milliseconds interval,
                                        SeriesTable& series) {
  const SystemClock clock;
  auto kernel = LinuxKernel::Open({}, clock);
  if (!kernel) return kernel.error();
  WallClock wall(clock);
  Collected collected(count);
  Strand strand("sampler", clock);
  std::unique_ptr<Sampler> sampler;
  RunOn(strand, [&] {
    sampler = std::make_unique<Sampler>(strand, **kernel, series, wall, collected,
                                        SamplerConfig{.interval = interval});
    sampler->Start();
  });
  std::vector<Sample> samples = collected.Await();
  RunOn(strand, [&] { sampler.reset(); });
  return samples;
}

struct Cost {
  std::uint64_t bytes = 0;
  std::uint64_t values = 0;
};

// The first batch announces the series, once for the life of a connection: it is not counted.
Cost Encode(const std::vector<Sample>& samples, std::size_t batch, const SeriesTable& series) {
  PayloadEncoder encoder("bench", {}, series);
  telemetry::MetricsPayload payload;
  encoder.EncodeBatch(samples, false, payload);
  Cost cost;
  for (std::size_t i = 0; i + batch <= samples.size(); i += batch) {
    encoder.EncodeBatch({samples.data() + i, batch}, false, payload);
    cost.bytes += payload.ByteSizeLong();
    for (std::size_t j = i; j < i + batch; ++j) cost.values += samples[j].readings.size() + 2;
  }
  return cost;
}

int Main(int argc, char** argv) {
  CLI::App options{"Measures bytes per value on the wire, with real samples of this machine."};
  std::size_t count = 60;
  std::int64_t interval_ms = 1000;
  options.add_option("--samples", count, "how many samples to take")->capture_default_str();
  options.add_option("--interval-ms", interval_ms, "time between two")->capture_default_str();
  CLI11_PARSE(options, argc, argv);
  SeriesTable series(kMaxSeries);
  const auto samples = TakeSamples(count, std::chrono::milliseconds(interval_ms), series);
  if (!samples) {
    std::cerr << "bench-wire: " << samples.error().message << '\n';
    return 1;
  }
  for (const std::size_t batch : kBatchSizes) {
    if (batch > samples->size()) break;
    const Cost cost = Encode(*samples, batch, series);
    JsonLine line;
    line.Add("batch", batch);
    line.Add("values_per_sample", samples->back().readings.size() + 2);
    line.Add("bytes_per_value", static_cast<double>(cost.bytes) / static_cast<double>(cost.values));
    line.Print();
  }
  return 0;
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) { return edgefeed::bench::Main(argc, argv); }
