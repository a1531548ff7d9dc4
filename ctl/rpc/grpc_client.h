#pragma once

#include <memory>

#include "common/base/result.h"
#include "ctl/client.h"

namespace edgefeed {

// A collector over gRPC. Reads the TLS files now; connects with the first call.
Result<std::unique_ptr<CollectorClient>> MakeGrpcClient(const ClientOptions& options);

}  // namespace edgefeed
