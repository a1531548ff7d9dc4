#include "common/rpc/status.h"

namespace edgefeed {

grpc::Status ToGrpc(const Error& error) {
  return {static_cast<grpc::StatusCode>(error.code), error.message};
}

Error FromGrpc(const grpc::Status& status) {
  Error error{static_cast<Code>(status.error_code()), status.error_message()};
  // What gRPC itself says now and then when a connection goes away under a call.
  if (error.code == Code::kUnknown && error.message == "Stream removed") {
    error.code = Code::kUnavailable;
  }
  return error;
}

}  // namespace edgefeed
