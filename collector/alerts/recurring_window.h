#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace edgefeed {

// A time of the day, on some days of the week: "Mon-Fri 22:00-06:00 +01:00". Over midnight it
// belongs to the day on which it begins.
class RecurringWindow {
 public:
  // [DAYS] HH:MM-HH:MM [UTC|+HH:MM|-HH:MM]. DAYS are names or ranges of names, separated by commas:
  // "Sat,Sun"; without them every day. INVALID_ARGUMENT says what is wrong.
  static Result<RecurringWindow> Parse(std::string_view text);

  [[nodiscard]] bool Holds(WallTime time) const;

 private:
  std::array<bool, 7> days_{};  // Monday first.
  std::chrono::minutes from_{0};
  std::chrono::minutes to_{0};
  std::chrono::minutes offset_{0};  // Of its time zone, east of UTC.
};

}  // namespace edgefeed
