#pragma once

#include <cstdint>

namespace edgefeed {

// What calls one caller may make. A certificate that names several devices, as a
// gateway's does, has so many for each.
struct CallerLimits {
  // How many may be open at once. A device needs one. A line that is dead keeps its feed open until
  // that is noticed.
  std::uint32_t feeds = 8;
  std::uint32_t uploads = 8;
  std::uint32_t subscribers = 64;  // All that are sent one answer after another.
  // How many calls a device may make a second, and ten times as many at once. It needs one now and
  // then; an upload, one for each piece that its line lets through.
  std::uint32_t device_calls_per_second = 2;
  friend bool operator==(const CallerLimits&, const CallerLimits&) = default;
};

}  // namespace edgefeed
