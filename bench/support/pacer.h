#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "common/base/clock.h"

namespace edgefeed::bench {

// Gives each of `members` one turn per `period`, spread evenly over it: because all have the same
// rate, a timing wheel comes down to going round. Turns missed are taken late, not left out, so
// that a stall shows as load and not as a pause.
class Pacer {
 public:
  Pacer(std::size_t members, std::chrono::nanoseconds period, SteadyTime start)
      : members_(members), period_(period), start_(start) {}

  // When the next turn is due.
  [[nodiscard]] SteadyTime due() const {
    const auto round = static_cast<std::int64_t>(turn_ / members_);
    const auto member = static_cast<std::int64_t>(turn_ % members_);
    return start_ + period_ * round + period_ * member / static_cast<std::int64_t>(members_);
  }

  // Takes the next turn and returns whose it is.
  std::size_t Take() { return turn_++ % members_; }

 private:
  std::size_t members_;
  std::chrono::nanoseconds period_;
  SteadyTime start_;
  std::uint64_t turn_ = 0;
};

}  // namespace edgefeed::bench
