#pragma once

#include <grpcpp/support/status.h>

#include "common/base/result.h"

namespace grpc {
class ClientContext;
class ServerContextBase;
}  // namespace grpc

namespace edgefeed {

// What to finish a call with. When the error says when to come back, the client is told so, in the
// call's trailing metadata: once a call, before Finish().
grpc::Status ToGrpc(const Error& error, grpc::ServerContextBase& context);

// Why a call has ended, and when the other side wants to be asked again: see ParseRetryPushback().
// Precondition: !status.ok().
Error FromGrpc(const grpc::Status& status, const grpc::ClientContext& context);

}  // namespace edgefeed
