#include "common/base/clock.h"

#include <time.h>  // NOLINT(modernize-deprecated-headers): CLOCK_BOOTTIME is POSIX, not <ctime>.

#include <algorithm>

namespace edgefeed {

SteadyTime SystemClock::Steady() const { return std::chrono::steady_clock::now(); }

WallTime SystemClock::Wall() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::chrono::milliseconds SystemClock::SinceBoot() const {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::milliseconds(std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000);
}

std::uint64_t UnixMillis(WallTime time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.time_since_epoch().count()));
}

WallTime FromUnixMillis(std::uint64_t ms) {
  return WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(ms)));
}

}  // namespace edgefeed
