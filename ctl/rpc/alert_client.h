#pragma once

#include <memory>

#include "ctl/alert_client.h"
#include "ctl/client.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace edgefeed {

std::unique_ptr<AlertClient> MakeGrpcAlertClient(const std::shared_ptr<grpc::Channel>& channel,
                                                 const ClientOptions& options);

}  // namespace edgefeed
