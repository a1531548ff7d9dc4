#pragma once

#include <cstdint>

// What the history's files know things by, instead of by name.
namespace edgefeed {

// Of a device: 1, 2, 3, …, for ever. Fits into 24 bits, because it is part of a chunk's key.
using DeviceNumber = std::uint32_t;
constexpr DeviceNumber kMaxDeviceNumber = (1U << 24U) - 1;

// Of a series. A series may have several, given by different writers.
using SeriesNumber = std::uint32_t;

// Log sequence number: the place of an entry in the frame log. Grows for ever; the upper bits count
// the times that the store was opened, so that a number lost with a torn tail is never used again.
using Lsn = std::uint64_t;
constexpr unsigned kLsnEpochShift = 44;

}  // namespace edgefeed
