#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "collector/http/http_server.h"
#include "common/tokens/token_file.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/http/fake_alerts.h"
#include "tests/unit/collector/http/fake_fleet.h"

namespace edgefeed {

inline HttpServerConfig TestHttpConfig() {
  HttpServerConfig config;
  config.listen = {"127.0.0.1", 0};
  config.stream_interval = std::chrono::milliseconds(10);
  return config;
}

// A server on a free port of 127.0.0.1. `tokens` count when its callers may have some.
struct HttpFixture {
  explicit HttpFixture(const HttpServerConfig& config = TestHttpConfig(),
                       const std::vector<AccessToken>& tokens = {}) {
    WriteTokens(tokens);
    AccessFiles files({}, config.callers.tokens ? tokens_file() : "", ReadTokenFile);
    auto lists = files.Load();
    REQUIRE(lists);
    access =
        std::make_unique<Access>(Access::Parts{.strand = strand, .clock = clock, .stats = stats},
                                 std::move(files), *std::move(lists), audit_file());
    auto started = HttpServer::Start(strand, config, Sources());
    REQUIRE_MESSAGE(started, (started ? "" : started.error().message));
    server = std::move(*started);
  }
  ~HttpFixture() {
    server.reset();
    RunOn(strand, [this] { access->Stop(); });
    RunOn(strand, [this] { access.reset(); });  // After what the connections have posted.
  }
  HttpFixture(const HttpFixture&) = delete;
  HttpFixture& operator=(const HttpFixture&) = delete;

  [[nodiscard]] std::uint16_t port() const { return server->port(); }
  [[nodiscard]] std::filesystem::path tokens_file() const { return directory.path() / "tokens"; }
  [[nodiscard]] std::filesystem::path audit_file() const { return directory.path() / "audit.log"; }
  HttpSources Sources() {
    return {.fleet = fleet,
            .alerts = alerts,
            .stats = stats,
            .readiness = readiness,
            .access = *access,
            .version = "1.2.3"};
  }
  void WriteTokens(const std::vector<AccessToken>& tokens) const {
    REQUIRE(WriteTokenFile(tokens_file(), tokens).ok());
  }
  // As it does every 5 s.
  void LookAtTokens() {
    RunOn(strand, [this] { access->Start(); });
  }

  TempDir directory;
  SystemClock clock;
  CollectorStats stats;
  Readiness readiness;
  Strand strand{"http", clock};  // Before the fleet: its answers are posted here.
  std::unique_ptr<Access> access;
  FakeAlerts alerts;
  FakeFleet fleet;
  std::unique_ptr<HttpServer> server;
};

}  // namespace edgefeed
