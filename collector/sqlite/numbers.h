#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/clock.h"

// SQLite has only signed numbers, and no times.
namespace edgefeed {

inline std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }
inline std::uint64_t Unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }

// Milliseconds since 1970.
inline std::int64_t Millis(WallTime time) { return time.time_since_epoch().count(); }
inline WallTime FromMillis(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

}  // namespace edgefeed
