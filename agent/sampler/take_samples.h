#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "agent/proc/kernel.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed {

struct SampleRun {
  std::size_t count = 10;
  std::chrono::milliseconds interval{1000};
  std::uint64_t first_sequence = 1;  // The samples are numbered from here, in stream 1.
  // Called on another thread after each sample, with the number of those there are.
  std::function<void(std::size_t)> on_sample = [](std::size_t) {};
};

// Samples as the running agent would take them, without an agent: for figures about them. Takes
// count × interval, and a little. The sampler's early first sample is left out.
std::vector<Sample> TakeSamples(Kernel& kernel, SeriesTable& series, const SampleRun& run);

}  // namespace edgefeed
