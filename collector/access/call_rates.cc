#include "collector/access/call_rates.h"

#include <chrono>

namespace edgefeed {
namespace {

constexpr std::chrono::seconds kCallRetryAfter{1};

}  // namespace

Status CallRates::Count(const Caller& caller, SteadyTime now) {
  const std::string device = DeviceKey(caller);
  if (device.empty()) return {};
  const std::size_t most = per_second_ * caller.names.size();
  const auto rate = static_cast<double>(most);
  {
    const std::lock_guard lock(mutex_);
    if (devices_.Of(device).Take(now, rate, kBurstSeconds * rate)) return {};
  }
  ++stats_.calls_too_often;
  return Error{Code::kResourceExhausted,
               Describe(caller) + " calls more often than " + std::to_string(most) +
                   " times a second (limits.calls_per_second_and_device)",
               kCallRetryAfter};
}

}  // namespace edgefeed
