#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "collector/access/access.h"
#include "common/base/endpoint.h"
#include "common/model/shared_tls.h"

namespace edgefeed {

struct HttpServerConfig {
  // Every address that the host name stands for; port 0 picks a free one. On loopback, only
  // requests whose Host header is a loopback name are answered (DNS rebinding).
  Endpoint listen{"127.0.0.1", 8080};
  // Null: plaintext. New connections get what it holds then. With `ca`, clients must show a
  // certificate of it, or may when they may show a token instead.
  std::shared_ptr<const SharedTls> tls;
  // Who is let in. Health and readiness are for everybody.
  PortPolicy callers{.port = Port::kOperators};

  // A connection over the limit gets 503 and is closed. One that is far over (by a quarter of the
  // limit again) is closed without a word.
  std::size_t max_connections = 256;
  // Less than max_connections, so that open web pages never keep /metrics out. Over it: 503.
  std::size_t max_streams = 128;
  std::chrono::milliseconds idle_timeout{30'000};   // For a request's header to be there.
  std::chrono::milliseconds write_timeout{30'000};  // For a response, or an event, to be taken.

  std::chrono::milliseconds stream_interval{1'000};
  std::chrono::milliseconds stream_ping_after{15'000};  // Of silence.

  // Bounds the series of /metrics: the first so many, by name.
  std::size_t max_devices_in_metrics = 10'000;
  std::size_t max_alerts_in_metrics = 10'000;
};

}  // namespace edgefeed
