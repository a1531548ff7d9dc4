#pragma once

#include <cstdint>
#include <memory>

#include "collector/http/http_config.h"
#include "collector/http/router.h"
#include "common/base/result.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// The collector's HTTP port: health, metrics, the fleet as JSON and as events, and the web page.
// Who sees it is asked of Access. HTTP/1.1 with keep-alive, GET and HEAD only, request headers up
// to 8 KiB and no bodies.
//
// Everything runs on `strand`, which should serve nothing else and must outlive the server and the
// fleet's answers. A client's misbehaviour ends its connection and nothing else.
class HttpServer {
 public:
  // Listens when it returns. The error names the address, or the TLS file.
  static Result<std::unique_ptr<HttpServer>> Start(Strand& strand, const HttpServerConfig& config,
                                                   HttpSources sources);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Closes the listening sockets and every connection. Not from the strand. Idempotent.
  void Stop();

  // The one bound: interesting when port 0 was asked for.
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  struct Impl;
  HttpServer(Strand& strand, std::shared_ptr<Impl> impl);

  Strand& strand_;
  std::shared_ptr<Impl> impl_;  // Shared with pending accepts.
  std::uint16_t port_;
};

}  // namespace edgefeed
