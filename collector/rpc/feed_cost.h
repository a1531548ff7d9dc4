#pragma once

#include <algorithm>
#include <cstdint>

#include "common/model/feed_message.h"

namespace edgefeed {

// What one that is refused counts as, or has anything to reject: the work was done, and the answer
// is long.
constexpr std::uint64_t kRefusedCostBytes = std::uint64_t{64} << 10;

// What a payload of so many bytes counts as for a feed's rate, in bytes: a few of them may stand
// for very many values. A small one costs 256 all the same, a value 8, and anything to reject
// as much as a refusal. `dropped`: readings that were left out.
inline std::uint64_t FeedCost(std::uint64_t bytes, const FeedMessage& message,
                              std::uint64_t dropped) {
  constexpr std::uint64_t kLeast = 256;
  constexpr std::uint64_t kValue = 8;
  std::uint64_t values = dropped;
  for (const Sample& sample : message.samples) values += sample.readings.size();
  const std::uint64_t work = kValue * values + (message.rejected.empty() ? 0 : kRefusedCostBytes);
  return std::max({bytes, work, kLeast});
}

}  // namespace edgefeed
