#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace edgefeed::bench {

// Every latency of a run, kept whole: quantiles are exact, at 4 bytes each.
class Latencies {
 public:
  void Add(std::chrono::nanoseconds latency);
  void Clear() { microseconds_.clear(); }

  [[nodiscard]] std::size_t count() const { return microseconds_.size(); }
  // The smallest latency, in µs, that a share of at least `quantile` (0 to 1) does not exceed; 0
  // when there are none.
  [[nodiscard]] std::uint32_t Microseconds(double quantile);

 private:
  std::vector<std::uint32_t> microseconds_;
};

}  // namespace edgefeed::bench
