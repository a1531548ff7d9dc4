#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "common/base/endpoint.h"
#include "common/base/result.h"

namespace edgefeed {

// Sockets that listen on every address that `listen.host` stands for, all on one port. The first
// address decides which, when port 0 was asked for. An address family that this machine lacks is
// left out, unless nothing is left.
Result<std::vector<boost::asio::ip::tcp::acceptor>> Listen(boost::asio::io_context& context,
                                                           const Endpoint& listen);

}  // namespace edgefeed
