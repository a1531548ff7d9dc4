#pragma once

#include <doctest/doctest.h>

#include <memory>

#include "collector/http/http_server.h"
#include "tests/unit/collector/http/fake_alerts.h"
#include "tests/unit/collector/http/fake_fleet.h"

namespace edgefeed {

inline HttpServerConfig TestHttpConfig() {
  HttpServerConfig config;
  config.listen = {"127.0.0.1", 0};
  config.stream_interval = std::chrono::milliseconds(10);
  return config;
}

// A server on a free port of 127.0.0.1.
struct HttpFixture {
  explicit HttpFixture(const HttpServerConfig& config = TestHttpConfig()) {
    auto started = HttpServer::Start(strand, config, {fleet, alerts, stats, readiness, "1.2.3"});
    REQUIRE_MESSAGE(started, (started ? "" : started.error().message));
    server = std::move(*started);
  }
  [[nodiscard]] std::uint16_t port() const { return server->port(); }

  SystemClock clock;
  CollectorStats stats;
  Readiness readiness;
  Strand strand{"http", clock};  // Before the fleet: its answers are posted here.
  FakeAlerts alerts;
  FakeFleet fleet;
  std::unique_ptr<HttpServer> server;
};

}  // namespace edgefeed
