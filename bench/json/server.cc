#include "bench/json/server.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <utility>

#include "bench/support/tcp_socket.h"

namespace edgefeed::bench {
namespace {

constexpr std::size_t kMaxRequestBytes = 8192;

}  // namespace

Result<JsonServer> JsonServer::Listen(const Endpoint& endpoint) {
  auto listener = ListenTcp(endpoint);
  if (!listener) return listener.error();
  auto epoll = Epoll::Create();
  if (!epoll) return epoll.error();
  if (auto status = epoll->Watch(listener->get()); !status) return status.error();
  return JsonServer(*std::move(listener), *std::move(epoll));
}

JsonServer::JsonServer(UniqueFd listener, Epoll epoll)
    : listener_(std::move(listener)), epoll_(std::move(epoll)) {}

std::uint16_t JsonServer::port() const { return LocalPort(listener_); }

void JsonServer::Serve() {
  while (true) {
    epoll_.Wait(std::chrono::seconds(60), [this](int fd) {
      if (fd == listener_.get()) return Accept();
      const auto connection = connections_.find(fd);
      if (connection != connections_.end()) Receive(connection->second);
    });
  }
}

void JsonServer::Accept() {
  while (true) {
    UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.valid() || !epoll_.Watch(socket.get())) return;
    const int fd = socket.get();
    connections_[fd] = Connection{.socket = std::move(socket), .request = {}};
  }
}

void JsonServer::Receive(Connection& connection) {
  // Clearing it would cost more than the rest.
  std::array<char, 4096> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): recv fills it.
  const int fd = connection.socket.get();
  const auto received = recv(fd, buffer.data(), buffer.size(), 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  connection.request.append(buffer.data(), received > 0 ? static_cast<std::size_t>(received) : 0);
  if (received <= 0 || connection.request.size() > kMaxRequestBytes) {
    connections_.erase(fd);
    return;
  }
  if (connection.request.ends_with("\r\n\r\n")) Answer(connection);
}

void JsonServer::Answer(Connection& connection) {
  const bool known = connection.request.starts_with("GET /api/v1/devices/");
  connection.request.clear();
  const auto& response = Response();
  const auto sent =
      known ? send(connection.socket.get(), response.data(), response.size(), MSG_NOSIGNAL) : -1;
  if (sent != static_cast<ssize_t>(response.size())) connections_.erase(connection.socket.get());
}

// Rendered anew each second, when the device's numbers are.
const std::string& JsonServer::Response() {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.Wall());
  if (now == rendered_) return response_;
  rendered_ = now;
  char body[256];
  const int size = std::snprintf(
      body, sizeof body,
      R"({"service_name":"bench-00000","cpu_usage":12.5,"memory_mb":812.25,)"
      R"("request_count":123456,"timestamp_ms":%llu})",
      static_cast<unsigned long long>(UnixMillis(rendered_)));  // NOLINT(google-runtime-int)
  response_ = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
              std::to_string(size) + "\r\n\r\n" + body;
  return response_;
}

}  // namespace edgefeed::bench
