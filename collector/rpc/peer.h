#pragma once

#include <string>

namespace edgefeed {

// gRPC's name of a peer ("ipv4:127.0.0.1:5000", "ipv6:%5B::1%5D:5000") as people write it.
std::string PeerAddress(const std::string& grpc_peer);

}  // namespace edgefeed
