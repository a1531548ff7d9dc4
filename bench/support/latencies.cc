#include "bench/support/latencies.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace edgefeed::bench {

void Latencies::Add(std::chrono::nanoseconds latency) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
  microseconds_.push_back(static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(us, 0, std::numeric_limits<std::uint32_t>::max())));
}

std::uint32_t Latencies::Microseconds(double quantile) {
  if (microseconds_.empty()) return 0;
  const auto size = static_cast<double>(microseconds_.size());
  const auto rank = std::clamp(std::ceil(quantile * size), 1.0, size);
  const auto nth = microseconds_.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
  std::ranges::nth_element(microseconds_, nth);
  return *nth;
}

}  // namespace edgefeed::bench
