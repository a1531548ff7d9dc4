#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "common/base/clock.h"
#include "common/model/clock_trust.h"
#include "common/model/series.h"
#include "common/model/stream.h"

namespace edgefeed {

// One value of one series. Which SeriesTable the id belongs to is said where samples are passed on.
struct Reading {
  SeriesId series = 0;
  double value = 0;
  friend bool operator==(const Reading&, const Reading&) = default;
};

// Everything that was read from a device at one moment.
struct Sample {
  // Given when the sample is first sent or first written to disk, and never again; none from
  // original clients.
  StreamPosition position;
  WallTime time;
  ClockTrust clock = ClockTrust::kUnknown;  // How well `time` is known.
  // How long the device had been up; empty from original clients. Unlike `time` it never jumps.
  std::optional<std::chrono::milliseconds> since_boot;
  double cpu_usage_percent = 0;  // Busy share of all CPUs since the sample before, 0–100.
  double memory_used_mib = 0;    // MemTotal − MemAvailable.
  std::vector<Reading> readings;
};

}  // namespace edgefeed
