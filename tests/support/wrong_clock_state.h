#pragma once

#include <atomic>
#include <cstdint>

namespace edgefeed {

// What a WrongClock and its library in the program share: a mapped file.
struct WrongClockState {
  std::atomic<std::int64_t> offset_ns{0};
  std::atomic<std::int64_t> boot_offset_ns{0};  // Of the clock that begins with the boot.
  std::atomic<bool> synchronized{false};
  std::atomic<bool> silent{false};  // adjtimex() is refused.
};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

}  // namespace edgefeed
