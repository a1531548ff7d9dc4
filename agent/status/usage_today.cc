#include "agent/status/usage_today.h"

#include <algorithm>

namespace edgefeed {

void UsageToday::Observe(const Usage& total, WallTime now, WallTime started) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  since_ = std::max<WallTime>(day, started);
  if (started >= day) {
    before_ = {};
  } else if (day != day_) {
    before_ = total_;
  }
  day_ = day;
  total_ = total;
}

Usage UsageToday::used() const {
  return {.sent_bytes = total_.sent_bytes - before_.sent_bytes,
          .received_bytes = total_.received_bytes - before_.received_bytes,
          .disk_written_bytes = total_.disk_written_bytes - before_.disk_written_bytes};
}

}  // namespace edgefeed
