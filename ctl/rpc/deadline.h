#pragma once

#include <grpcpp/client_context.h>

#include <chrono>

namespace edgefeed {

// Ends the call when it takes longer, whatever the wall clock does.
inline void SetDeadline(grpc::ClientContext& context, std::chrono::milliseconds timeout) {
  context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                    gpr_time_from_millis(timeout.count(), GPR_TIMESPAN)));
}

}  // namespace edgefeed
