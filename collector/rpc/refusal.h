#pragma once

#include <grpcpp/support/server_callback.h>

namespace edgefeed {

// Refuses a call at once.
template <typename Response>
class Refusal final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit Refusal(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace edgefeed
