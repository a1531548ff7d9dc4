#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "collector/history/frame.h"
#include "common/columns/sample_columns.h"

namespace edgefeed {

// A frame with its sample in the open.
struct SampleFrame {
  DeviceNumber device = 0;
  StreamPosition position;
  WallTime received;
  Sample sample;  // Without a position.

  friend bool operator==(const SampleFrame& a, const SampleFrame& b) {
    return a.device == b.device && a.position == b.position && a.received == b.received &&
           a.sample.time == b.sample.time && a.sample.since_boot == b.sample.since_boot &&
           a.sample.cpu_usage_percent == b.sample.cpu_usage_percent &&
           a.sample.memory_used_mib == b.sample.memory_used_mib &&
           a.sample.readings == b.sample.readings;
  }
};

// What device number `device` sends in a second: some values move.
inline SampleFrame MakeFrame(DeviceNumber device, int second) {
  const auto since = std::chrono::seconds(second);
  SampleFrame frame{
      .device = device,
      .position = {.stream = 1000 + device, .sequence = static_cast<std::uint64_t>(second) + 1},
      .received = FromUnixMillis(1'700'000'000'040) + since,
      .sample = {}};
  frame.sample.time = FromUnixMillis(1'700'000'000'000) + since;
  frame.sample.since_boot = std::chrono::hours(device) + since;
  frame.sample.cpu_usage_percent = 12.5 + second % 3;
  frame.sample.memory_used_mib = 300;
  frame.sample.readings = {{device, 7}, {device + 40, 1e6 + 100.0 * second}};
  return frame;
}

inline void Put(const SampleFrame& frame, std::string& entries) {
  std::vector<std::uint32_t> numbers(200);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::uint32_t>(i);
  std::string columns;
  const Sample* const samples[] = {&frame.sample};
  EncodeSamples(samples, numbers, columns);
  PutFrame({.device = frame.device,
            .position = frame.position,
            .received = frame.received,
            .time = frame.sample.time,
            .columns = columns},
           entries);
}

inline SampleFrame Read(const Frame& frame) {
  auto samples = DecodeSamples(frame.columns, SampleColumnLimits());
  REQUIRE(samples);
  CHECK(frame.time == samples->front().time);
  return {frame.device, frame.position, frame.received, samples->front()};
}

}  // namespace edgefeed
