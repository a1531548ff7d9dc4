#pragma once

#include <cstdint>

#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed::bench {

// IPv4 sockets, non-blocking once they are made. `endpoint.host` is an address, not a name.
Result<UniqueFd> ConnectTcp(const Endpoint& endpoint);
Result<UniqueFd> ListenTcp(const Endpoint& endpoint);

// The port that a listening socket got.
std::uint16_t LocalPort(const UniqueFd& socket);

}  // namespace edgefeed::bench
