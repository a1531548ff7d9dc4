#pragma once

#include <cstdint>

namespace edgefeed {

// A stream is a numbered run of one device's samples: random, never 0. Its samples are numbered 1,
// 2, 3, …, each once for ever, and are delivered in that order, perhaps with gaps.
using StreamId = std::uint64_t;

// A place in a stream. As an acknowledgement it means: everything up to here. Stream 0: none.
struct StreamPosition {
  StreamId stream = 0;
  std::uint64_t sequence = 0;
  friend bool operator==(const StreamPosition&, const StreamPosition&) = default;
};

// How many of its newest streams are remembered of a device, on both sides.
constexpr int kMaxStreams = 64;

}  // namespace edgefeed
