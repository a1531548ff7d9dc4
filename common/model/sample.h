#pragma once

#include <cstdint>
#include <vector>

#include "common/base/clock.h"
#include "common/model/series.h"

namespace edgefeed {

// One value of one series. Which SeriesTable the id belongs to is said where samples are passed on.
struct Reading {
  SeriesId series = 0;
  double value = 0;
  friend bool operator==(const Reading&, const Reading&) = default;
};

// Everything that was read from a device at one moment.
struct Sample {
  std::uint64_t sequence = 0;  // 1, 2, … in one run of an agent; 0 from original clients.
  WallTime time;
  double cpu_usage_percent = 0;  // Busy share of all CPUs since the sample before, 0–100.
  double memory_used_mib = 0;    // MemTotal − MemAvailable.
  std::vector<Reading> readings;
};

}  // namespace edgefeed
