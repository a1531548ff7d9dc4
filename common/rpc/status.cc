#include "common/rpc/status.h"

namespace edgefeed {

grpc::Status ToGrpc(const Error& error) {
  return {static_cast<grpc::StatusCode>(error.code), error.message};
}

Error FromGrpc(const grpc::Status& status) {
  return Error{static_cast<Code>(status.error_code()), status.error_message()};
}

}  // namespace edgefeed
