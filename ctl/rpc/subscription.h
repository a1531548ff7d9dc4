#pragma once

#include <memory>

#include "ctl/client.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace edgefeed {

// `client`: where the channel leads and how updates are wanted.
std::unique_ptr<Subscription> StartSubscription(const std::shared_ptr<grpc::Channel>& channel,
                                                const SubscribeRequest& request,
                                                const ClientOptions& client, Scheduler& scheduler,
                                                SubscriptionEvents& events);

}  // namespace edgefeed
