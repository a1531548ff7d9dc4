#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

namespace edgefeed::bench {

// A channel with a connection of its own (gRPC shares one among all channels of a process
// to the same target unless told not to), set up as our agent sets its own up: no probing of the
// bandwidth-delay product, which costs a PING for every lonely payload.
// Without credentials it is in plaintext.
std::shared_ptr<grpc::Channel> OpenChannel(
    const std::string& target,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials = nullptr);

}  // namespace edgefeed::bench
