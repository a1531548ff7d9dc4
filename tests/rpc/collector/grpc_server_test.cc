#include "collector/rpc/grpc_server.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// Sockets of this process with this port on our side, that listen or are connected.
std::vector<int> SocketsOn(std::uint16_t port) {
  std::vector<int> sockets;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) continue;
    if (own.sin_family == AF_INET && ntohs(own.sin_port) == port) sockets.push_back(fd);
  }
  return sockets;
}

int Option(int socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(socket, level, name, &value, &size) == 0);
  return value;
}

TEST_CASE("who is let in has a connection as gRPC's own listener makes them") {
  CollectorStats stats;
  const auto server =
      GrpcServer::Start({.listen = {.host = "127.0.0.1", .port = 0}, .tls = nullptr}, {}, stats);
  REQUIRE(server);
  const std::uint16_t port = (*server)->listening().port;
  const auto channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  REQUIRE(channel->WaitForConnected(std::chrono::system_clock::now() + 60s));

  const std::vector<int> sockets = SocketsOn(port);
  REQUIRE(sockets.size() == 2);
  for (const int socket : sockets) {
    CHECK((::fcntl(socket, F_GETFD) & FD_CLOEXEC) != 0);
    if (Option(socket, SOL_SOCKET, SO_ACCEPTCONN) != 0) continue;
    CHECK(Option(socket, IPPROTO_TCP, TCP_NODELAY) != 0);
    CHECK(Option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT) == 20'000);
  }
  CHECK(stats.connections_accepted == 1);
  (*server)->Shutdown(0ms);
}

}  // namespace
}  // namespace edgefeed
