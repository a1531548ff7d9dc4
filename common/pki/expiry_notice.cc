#include "common/pki/expiry_notice.h"

#include <algorithm>
#include <array>
#include <utility>

namespace edgefeed {
namespace {

using std::chrono::days;

constexpr std::array<days, 4> kSteps{days(30), days(7), days(1), days(0)};

}  // namespace

ExpiryNotice::Due ExpiryNotice::Look(WallTime now, WallTime not_after) {
  if (std::exchange(of_, not_after) != not_after) told_ = 0;
  const auto reached = static_cast<std::size_t>(
      std::ranges::count_if(kSteps, [left = not_after - now](days step) { return left <= step; }));
  if (reached <= told_) return Due::kNothing;
  told_ = reached;
  return reached == kSteps.size() ? Due::kExpired : Due::kSoon;
}

}  // namespace edgefeed
