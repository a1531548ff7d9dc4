#pragma once

#include <cstdint>

namespace edgefeed {

// How well the time of a sample is known, from worst to best. The numbers are also those of the
// wire and of the outbox's files.
enum class ClockTrust : std::uint8_t {
  kUnknown = 0,  // Nobody has said.
  kGuess = 1,    // The device's clock was never set: perhaps 1970, or as late as it can have been.
  kDevice = 2,   // Its own clock says so, and nobody vouches for it.
  kCollector = 3,  // Its collector said so.
  kKernel = 4,     // The kernel said that its clock was synchronised (NTP, PTP, GPS).
};

}  // namespace edgefeed
