#pragma once

#include <grpcpp/support/client_interceptor.h>

#include <memory>
#include <string>
#include <vector>

namespace edgefeed {

using ClientInterceptors =
    std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>;

// Has every call of a channel show this token; none without one.
ClientInterceptors ShowToken(const std::string& token);

}  // namespace edgefeed
