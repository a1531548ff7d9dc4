#include "common/rpc/retry_pushback.h"

#include <algorithm>
#include <cstdint>

#include "common/base/text.h"

namespace edgefeed {

std::string FormatRetryPushback(std::chrono::milliseconds wait) {
  return std::to_string(wait.count());
}

std::chrono::milliseconds ParseRetryPushback(std::string_view text) {
  const std::int64_t wait_ms = ParseNumber<std::int64_t>(text).value_or(0);
  return std::chrono::milliseconds(std::clamp<std::int64_t>(wait_ms, 0, kLongestPushback.count()));
}

}  // namespace edgefeed
