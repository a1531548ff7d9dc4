#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "common/base/result.h"

namespace edgefeed::bench {

// "UNAVAILABLE" and so on; our codes have gRPC's numbers.
inline std::string StatusName(grpc::StatusCode code) {
  return code == grpc::OK ? "OK" : std::string(CodeName(static_cast<Code>(code)));
}

}  // namespace edgefeed::bench
