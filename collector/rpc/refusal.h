#pragma once

#include <grpcpp/support/server_callback.h>

#include "common/base/result.h"
#include "common/rpc/status.h"

namespace edgefeed {

// Refuses a call at once.
template <typename Reactor>
class RefusalOf final : public Reactor {
 public:
  explicit RefusalOf(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

// One that answers with a stream,
template <typename Response>
using Refusal = RefusalOf<grpc::ServerWriteReactor<Response>>;

// or once.
inline grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext& context, const Error& why) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(ToGrpc(why));
  return reactor;
}

}  // namespace edgefeed
