#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "bench/support/epoll.h"
#include "common/base/clock.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed::bench {

// The opponent of Subscribe and GetSnapshot: the same numbers of one device as JSON over HTTP/1.1
// keep-alive, on one thread and with as few system calls as epoll allows (wait, recv, send). It
// knows no more of HTTP than a poller needs, which is to its advantage.
class JsonServer {
 public:
  static Result<JsonServer> Listen(const Endpoint& endpoint);

  [[nodiscard]] std::uint16_t port() const;
  // Serves until the process ends.
  [[noreturn]] void Serve();

 private:
  struct Connection {
    UniqueFd socket;
    std::string request;  // What has arrived of it.
  };

  JsonServer(UniqueFd listener, Epoll epoll);
  void Accept();
  void Receive(Connection& connection);
  void Answer(Connection& connection);
  const std::string& Response();

  UniqueFd listener_;
  Epoll epoll_;
  SystemClock clock_;
  WallTime rendered_;
  std::string response_;
  std::unordered_map<int, Connection> connections_;
};

}  // namespace edgefeed::bench
