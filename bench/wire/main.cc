// How many bytes a value takes on the wire: real samples of this machine, in batches of several
// sizes, as protobuf messages before any compression.

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <vector>

#include "agent/proc/linux_kernel.h"
#include "agent/sampler/take_samples.h"
#include "bench/support/json_line.h"
#include "common/base/clock.h"
#include "common/wire/payload_encoder.h"
#include "telemetry.pb.h"

namespace edgefeed::bench {
namespace {

constexpr std::size_t kMaxSeries = 2048;
constexpr std::array<std::size_t, 5> kBatchSizes = {1, 2, 10, 30, 60};

Result<std::vector<Sample>> SampleThisMachine(const SampleRun& run, SeriesTable& series) {
  const SystemClock clock;
  auto kernel = LinuxKernel::Open({}, clock);
  if (!kernel) return kernel.error();
  return TakeSamples(**kernel, series, run);
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
  const auto samples = SampleThisMachine(
      {.count = count, .interval = std::chrono::milliseconds(interval_ms)}, series);
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
