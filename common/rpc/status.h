#pragma once

#include <grpcpp/support/status.h>

#include "common/base/result.h"

namespace edgefeed {

grpc::Status ToGrpc(const Error& error);
// Precondition: !status.ok().
Error FromGrpc(const grpc::Status& status);

}  // namespace edgefeed
