#pragma once

#include <chrono>
#include <vector>

#include "ctl/client.h"

namespace edgefeed {

const WallTime kPastStart = FromUnixMillis(1'700'000'000'000);

inline PastValue SampleAt(std::chrono::milliseconds after_start, double value) {
  return {.time = kPastStart + after_start,
          .min = value,
          .max = value,
          .sum = value,
          .count = 1,
          .last = value};
}

// One a second; negative: no sample then.
inline std::vector<PastValue> SamplesOf(const std::vector<double>& values) {
  std::vector<PastValue> samples;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] >= 0) samples.push_back(SampleAt(std::chrono::seconds(i), values[i]));
  }
  return samples;
}

}  // namespace edgefeed
