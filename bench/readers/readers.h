#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "bench/support/json_line.h"
#include "common/base/result.h"

namespace edgefeed::bench {

struct ReadersOptions {
  std::string target;
  std::string device = "bench-00000";
  std::size_t readers = 1;
  std::chrono::milliseconds interval{1000};          // Between polls, or asked of Subscribe.
  std::string path = "/api/v1/devices/bench-00000";  // What is polled over HTTP.
};

struct ReadTotals {
  std::size_t connected = 0;  // Readers that have had a first answer.
  std::size_t refused = 0;    // Readers that have failed before it.
  std::uint64_t updates = 0;  // Since the start.
  Counts errors;
};

// Many clients that follow one device, each on a connection of its own, on the calling thread.
class Readers {
 public:
  virtual ~Readers() = default;

  // Returns when each reader has had its first answer.
  virtual Status Connect(std::chrono::milliseconds limit) = 0;
  // From the first call on, readers that poll do so once per interval.
  virtual void Run(std::chrono::milliseconds duration) = 0;
  [[nodiscard]] virtual const ReadTotals& totals() const = 0;
};

}  // namespace edgefeed::bench
