#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "common/base/clock.h"
#include "common/model/device.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed::bench {

constexpr std::size_t kValuesPerSample = 10;

// The series beside cpu_usage and memory_mb, in the order of a sample's readings.
std::array<Series, kValuesPerSample - 2> ModelSeries();

// What such a device says of itself.
DeviceInfo ModelInfo(const std::string& device);

// A device whose values walk at random as those of a small busy machine do: gauges with up to two
// decimals, pages and sectors, counters whose steps vary, things that seldom change. Samples come
// once a second, up to a few milliseconds late.
class DeviceModel {
 public:
  using Random = std::minstd_rand;

  // `phase`: when in each second it samples. The readings' SeriesIds are 0, 1, 2, …
  DeviceModel(Random& random, WallTime start, std::chrono::milliseconds phase);

  [[nodiscard]] std::chrono::milliseconds phase() const { return phase_; }
  // When the next sample is taken, or shortly after.
  [[nodiscard]] WallTime due() const { return due_; }
  // That sample. Valid until the next call.
  const Sample& Next(Random& random);

 private:
  void TakeTime(Random& random);

  std::chrono::milliseconds phase_;
  WallTime due_;
  std::chrono::milliseconds boot_to_start_{0};
  WallTime start_;
  double busy_ = 0;  // Around what the CPU usage varies.
  Sample sample_;
};

}  // namespace edgefeed::bench
