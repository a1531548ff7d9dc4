#include "agent/upload/token_bucket.h"

#include <algorithm>

namespace edgefeed {
namespace {

std::chrono::nanoseconds TimeFor(Bytes bytes, Bytes rate) {
  const double seconds = static_cast<double>(bytes.count) / static_cast<double>(rate.count);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

std::chrono::nanoseconds TokenBucket::WaitAt(SteadyTime now) const {
  if (rate_.count == 0) return {};
  return std::max(paid_ - now, std::chrono::nanoseconds(0));
}

void TokenBucket::Take(Bytes bytes, SteadyTime now) {
  if (rate_.count == 0) return;
  paid_ = std::max(paid_, now - TimeFor(burst_, rate_)) + TimeFor(bytes, rate_);
}

}  // namespace edgefeed
