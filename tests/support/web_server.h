#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/model/tls.h"

namespace edgefeed {

struct ReceivedRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // By lower-case name.
  std::string body;
};

struct ServedReply {
  unsigned status = 200;
  std::map<std::string, std::string> headers;
  std::string body;
};

// A web server on a free port of 127.0.0.1, which answers each request as it is told to, on a
// thread of its own, one connection after another.
class WebServer {
 public:
  using Answer = std::function<ServedReply(const ReceivedRequest&)>;  // On the server's thread.

  // With files, it speaks TLS; with a `ca` it wants clients with a certificate of it.
  explicit WebServer(Answer answer, const std::optional<TlsFiles>& tls = std::nullopt);
  ~WebServer();
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // "http://127.0.0.1:PORT" or "https://…".
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace edgefeed
