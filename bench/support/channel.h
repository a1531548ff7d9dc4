#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

namespace edgefeed::bench {

// A plaintext channel with a connection of its own (gRPC shares one among all channels of a process
// to the same target unless told not to), set up as our agent sets its own up: no probing of the
// bandwidth-delay product, which costs a PING for every lonely payload.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& target);

}  // namespace edgefeed::bench
