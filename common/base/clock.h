#pragma once

#include <chrono>
#include <cstdint>

namespace edgefeed {

using SteadyTime = std::chrono::steady_clock::time_point;
// Unix time. Millisecond resolution is what the wire carries.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// Source of time. Steady() measures intervals; Wall() only stamps samples, because it may jump;
// SinceBoot() goes on in suspend and never jumps: it ties the samples of one boot together.
// Thread-safe. Nothing but an implementation of Clock reads the system's clocks.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime Steady() const = 0;
  [[nodiscard]] virtual WallTime Wall() const = 0;
  [[nodiscard]] virtual std::chrono::milliseconds SinceBoot() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime Steady() const override;
  [[nodiscard]] WallTime Wall() const override;
  [[nodiscard]] std::chrono::milliseconds SinceBoot() const override;  // CLOCK_BOOTTIME
};

// Milliseconds since 1970; a time before that counts as 0.
std::uint64_t UnixMillis(WallTime time);
WallTime FromUnixMillis(std::uint64_t ms);

}  // namespace edgefeed
