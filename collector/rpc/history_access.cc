#include "collector/rpc/history_access.h"

#include <string>

#include "collector/rpc/call_place.h"

namespace edgefeed {

Status EnterHistory(const HistoryAccess& access, const Caller& caller) {
  CollectorStats& stats = access.stats;
  const bool is_device = caller.proof == Proof::kCertificate && caller.role == Role::kDevice;
  const std::uint32_t most = is_device ? access.limits.calls / 2 : access.limits.calls;
  if (stats.history_calls_open.fetch_add(1) < most) return {};
  --stats.history_calls_open;
  ++stats.history_calls_refused;
  return Error{Code::kResourceExhausted,
               "the collector answers " + std::to_string(most) +
                   " calls about its history already; try again",
               kShortCallsEnd};
}

void LeaveHistory(const HistoryAccess& access) { --access.stats.history_calls_open; }

}  // namespace edgefeed
