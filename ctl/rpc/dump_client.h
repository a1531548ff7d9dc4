#pragma once

#include <memory>

#include "ctl/client.h"
#include "ctl/dump_client.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace edgefeed {

std::unique_ptr<DumpClient> MakeGrpcDumpClient(const std::shared_ptr<grpc::Channel>& channel,
                                               const ClientOptions& options);

}  // namespace edgefeed
