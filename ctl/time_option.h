#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace edgefeed {

// A time as it is typed: fixed, or counted from now.
struct TimeOption {
  std::optional<WallTime> fixed;
  std::chrono::milliseconds before_now{0};  // Without `fixed`.

  // Not before 1970.
  [[nodiscard]] WallTime At(WallTime now) const {
    return std::max(fixed.value_or(now - before_now), WallTime());
  }
};

// "now", "-1h" (ago), "2026-11-25T10:00:00Z" (RFC 3339), or seconds since 1970.
Result<TimeOption> ParseTime(std::string_view text);

}  // namespace edgefeed
