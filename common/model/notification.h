#pragma once

#include <cstdint>

#include "common/base/clock.h"
#include "common/model/alert_event.h"

namespace edgefeed {

// What operators are to be told of an alert. `event.change` says what: kResolved is the end, and
// everything else that it fires.
struct Notification {
  std::uint64_t number = 0;  // Grows from one to the next, for ever; never 0.
  AlertEvent event;
  WallTime started;  // When it began to fire, by the clock of `event.time`.
  friend bool operator==(const Notification&, const Notification&) = default;
};

}  // namespace edgefeed
