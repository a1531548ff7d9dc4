#include "common/base/backoff.h"

#include <algorithm>

namespace edgefeed {

Backoff::Backoff(const BackoffConfig& config, std::uint64_t seed)
    : config_(config), ceiling_(config.first), random_(seed) {}

std::chrono::milliseconds Backoff::Next() {
  std::uniform_int_distribution<std::int64_t> wait(0, ceiling_.count());
  ceiling_ = std::min(ceiling_ * 2, config_.cap);
  return std::chrono::milliseconds(wait(random_));
}

}  // namespace edgefeed
