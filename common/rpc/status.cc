#include "common/rpc/status.h"

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <string>

#include "common/rpc/retry_pushback.h"

namespace edgefeed {

grpc::Status ToGrpc(const Error& error, grpc::ServerContextBase& context) {
  if (error.retry_after.count() > 0) {
    context.AddTrailingMetadata(std::string(kRetryPushbackKey),
                                FormatRetryPushback(error.retry_after));
  }
  return {static_cast<grpc::StatusCode>(error.code), error.message};
}

Error FromGrpc(const grpc::Status& status, const grpc::ClientContext& context) {
  Error error{static_cast<Code>(status.error_code()), status.error_message()};
  // What gRPC itself says now and then when a connection goes away under a call.
  if (error.code == Code::kUnknown && error.message == "Stream removed") {
    error.code = Code::kUnavailable;
  }
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found =
      metadata.find(grpc::string_ref(kRetryPushbackKey.data(), kRetryPushbackKey.size()));
  if (found != metadata.end()) {
    error.retry_after = ParseRetryPushback({found->second.data(), found->second.size()});
  }
  return error;
}

}  // namespace edgefeed
