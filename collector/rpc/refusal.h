#pragma once

#include <grpc/support/time.h>
#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "common/base/result.h"
#include "common/rpc/status.h"

namespace edgefeed {

// Refuses a call: for good at once, and for now after a second. Whoever comes again and again, and
// not when he is told to, has one of his connection's calls taken meanwhile.
template <typename Reactor>
class RefusalOf final : public Reactor {
 public:
  static constexpr int kHoldMs = 1000;

  RefusalOf(grpc::CallbackServerContext& context, const Error& why)
      : status_(ToGrpc(why, context)) {
    if (why.retry_after.count() == 0) {
      this->Finish(status_);
      return;
    }
    const auto hold = gpr_time_from_millis(kHoldMs, GPR_TIMESPAN);
    alarm_.Set(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), hold),
               [this](bool) { this->Finish(status_); });
  }
  void OnCancel() override { alarm_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  const grpc::Status status_;
  grpc::Alarm alarm_;  // Ends once: in time, or cancelled.
};

// One that answers with a stream,
template <typename Response>
using Refusal = RefusalOf<grpc::ServerWriteReactor<Response>>;

// or once.
inline grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext& context, const Error& why) {
  return new RefusalOf<grpc::ServerUnaryReactor>(context, why);
}

}  // namespace edgefeed
