// agent/statsd: datagrams of applications. Each is a part; small limits, so that they are met.
#include <cmath>

#include "agent/statsd/aggregator.h"
#include "tests/fuzz/input.h"

namespace edgefeed {
namespace {

StatsdConfig Limits() {
  StatsdConfig limits;
  limits.max_series = 8;
  limits.max_rate = 64;
  limits.max_memory = KiB(8);
  return limits;
}

void Run(FuzzInput input) {
  SeriesTable table(64);
  Aggregator aggregator(table, Limits());
  SteadyTime now{std::chrono::hours(1)};
  while (!input.empty()) {
    now += std::chrono::milliseconds(input.Number16());
    const std::string_view datagram = input.Part();
    aggregator.Take(datagram, now);
    std::vector<Reading> readings;
    aggregator.AddTo(readings, now);
    for (const Reading& reading : readings) {
      Promise(std::isfinite(reading.value), "what is told is a number");
      Promise(reading.series < table.size(), "what is told is of a known series");
    }
    StatsdCounts counts;
    aggregator.Describe(counts);
    Promise(counts.memory_bytes <= Limits().max_memory.count, "memory is bounded");
    Promise(counts.applications.size() <= Aggregator::kMostApplications + 1,
            "applications are bounded");
  }
}

}  // namespace
}  // namespace edgefeed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  edgefeed::Run({data, size});
  return 0;
}
