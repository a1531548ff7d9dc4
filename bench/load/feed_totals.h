#pragma once

#include <cstdint>
#include <string>

#include "bench/support/json_line.h"
#include "bench/support/latencies.h"

namespace edgefeed::bench {

// What happened on all feeds together.
struct FeedTotals {
  // Since the start.
  std::size_t opened = 0;
  std::size_t refused = 0;  // Ended without having been open.
  std::size_t ended = 0;
  Counts errors;            // Feeds that ended before they were asked to, by status code.
  std::string first_error;  // The message of the first of them.

  // Since the window began.
  std::uint64_t payloads = 0;
  std::uint64_t missed = 0;  // Turns that found the device's last payload still unwritten.
  std::uint64_t alerts = 0;
  std::uint64_t acks = 0;    // Messages that acknowledge, with an alert or without.
  std::uint64_t stored = 0;  // Samples that they acknowledge.
  Latencies round_trips;     // From the payload's write to its alert.

  void BeginWindow() {
    payloads = missed = alerts = acks = stored = 0;
    round_trips.Clear();
  }
};

}  // namespace edgefeed::bench
