#include "bench/support/tcp_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace edgefeed::bench {
namespace {

constexpr int kBacklog = 4096;

Result<sockaddr_in> Address(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  if (inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr) != 1) {
    return Error{Code::kInvalidArgument, endpoint.host + ": not an IPv4 address"};
  }
  return address;
}

// What the sockets API wants to see.
sockaddr* Generic(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

}  // namespace

Result<UniqueFd> ConnectTcp(const Endpoint& endpoint) {
  auto address = Address(endpoint);
  if (!address) return address.error();
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid() || connect(fd.get(), Generic(*address), sizeof *address) != 0 ||
      fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) {
    return ErrnoError("connect to " + ToString(endpoint), errno);
  }
  return fd;
}

Result<UniqueFd> ListenTcp(const Endpoint& endpoint) {
  auto address = Address(endpoint);
  if (!address) return address.error();
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!fd.valid() || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(fd.get(), Generic(*address), sizeof *address) != 0 || listen(fd.get(), kBacklog) != 0) {
    return ErrnoError("listen on " + ToString(endpoint), errno);
  }
  return fd;
}

std::uint16_t LocalPort(const UniqueFd& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(socket.get(), Generic(address), &size);
  return ntohs(address.sin_port);
}

}  // namespace edgefeed::bench
