// Who may see what of the HTTP port.

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/file.h"
#include "tests/support/log_capture.h"
#include "tests/support/test_authority.h"
#include "tests/unit/collector/http/http_client.h"
#include "tests/unit/collector/http/http_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// What there is to see, and what there is not.
const std::vector<std::string> kGuarded = {
    "/",        "/app.js",        "/nothing",           "/api/nothing",
    "/metrics", "/api/v1/stream", "/api/v1/devices/pi", "/api/v1/devices"};

HttpServerConfig WithTokens() {
  auto config = TestHttpConfig();
  config.callers = {.port = Port::kOperators, .tokens = true, .other = "host:50051"};
  return config;
}

AccessToken Token(const std::string& name, WallTime::duration lasts = 1h) {
  return {.name = name,
          .role = Role::kViewer,
          .sha256 = Sha256Of(name + "-secret"),
          .expires = SystemClock().Wall() + lasts};
}

std::string Basic(const std::string& user_and_password) {
  std::string encoded(4 * (user_and_password.size() + 2) / 3 + 4, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(user_and_password.data()),
                                   static_cast<int>(user_and_password.size()));
  return "Basic " + encoded.substr(0, static_cast<std::size_t>(size));
}

std::string Showing(const std::string& authorization) {
  return "Authorization: " + authorization + "\r\n";
}

unsigned StatusOf(const HttpFixture& http, const std::string& path, const std::string& headers) {
  HttpTestClient client(http.port());
  client.Send("HEAD", path, headers);
  const auto reply = client.ReadToHead();
  return reply ? reply->status : 0;
}

TEST_CASE("where nobody is asked, everybody sees everything, whatever he shows") {
  HttpFixture http;
  http.fleet.Set({MakeDevice("pi")});
  for (const std::string& path : kGuarded) {
    CAPTURE(path);
    const unsigned expected = path.ends_with("/nothing") ? 404 : 200;
    CHECK(StatusOf(http, path, "") == expected);
    CHECK(StatusOf(http, path, Showing("Bearer whatever")) == expected);
  }
}

TEST_CASE("where there are tokens, who shows none is asked for one, and sees health only") {
  HttpFixture http(WithTokens(), {Token("kim"), Token("old", -1h)});
  http.fleet.Set({MakeDevice("pi")});
  for (const std::string& path : kGuarded) {
    CAPTURE(path);
    const auto reply = HttpTestClient(http.port()).Get(path);
    CHECK(reply.status == 401);
    CHECK(reply.headers.at("www-authenticate") ==
          "Basic realm=\"edgefeed\", Bearer realm=\"edgefeed\"");
    CHECK(reply.headers.at("cache-control") == "no-store");
    const bool is_json = reply.headers.at("content-type") == "application/json";
    CHECK(is_json == path.starts_with("/api/"));
    CHECK(reply.body.find(" wants a token") != std::string::npos);
    CHECK(reply.body.size() < 100);
  }
  CHECK(HttpTestClient(http.port()).Get("/healthz").body == "ok\n");
  CHECK(HttpTestClient(http.port()).Get("/readyz").body == "starting\n");
  CHECK(StatusOf(http, "/healthz", Showing("Bearer wrong")) == 200);
}

TEST_CASE("a good token opens everything, by itself or as a password") {
  HttpFixture http(WithTokens(), {Token("kim")});
  http.fleet.Set({MakeDevice("pi")});
  for (const std::string& path : kGuarded) {
    CAPTURE(path);
    const unsigned expected = path.ends_with("/nothing") ? 404 : 200;
    CHECK(StatusOf(http, path, Showing("Bearer kim-secret")) == expected);
    CHECK(StatusOf(http, path, Showing(Basic("whoever:kim-secret"))) == expected);
    CHECK(StatusOf(http, path, Showing(Basic(":kim-secret"))) == expected);
  }
  const auto page = HttpTestClient(http.port()).Get("/", Showing("Bearer kim-secret"));
  CHECK_FALSE(page.headers.contains("www-authenticate"));
}

TEST_CASE("a token that is not good is asked for again, counted, and written down without itself") {
  LogCapture log;
  const std::vector<std::string> wrong = {
      "Bearer wrong-hunter2", "Bearer KIM-SECRET-hunter2", "Bearer", Basic("kim:hunter2"),
      Basic("kim-secret:"),  // Not as a user's name.
      "Basic hunter2!",       "Digest username=hunter2",   "hunter2"};
  std::string audit;
  {
    HttpFixture http(WithTokens(), {Token("kim"), Token("old", -1h)});
    for (const std::string& header : wrong) {
      CAPTURE(header);
      const auto reply = HttpTestClient(http.port()).Get("/metrics", Showing(header));
      CHECK(reply.status == 401);
      CHECK(reply.headers.contains("www-authenticate"));
      CHECK(reply.body.find("hunter2") == std::string::npos);
    }
    const auto refused = [&](AccessRefusal why) {
      return http.stats.access_refused[static_cast<std::size_t>(why)].load();
    };
    CHECK(refused(AccessRefusal::kToken) == wrong.size());
    CHECK(StatusOf(http, "/metrics", Showing("Bearer old-secret")) == 401);
    CHECK(refused(AccessRefusal::kTokenExpired) == 1);
    CHECK(StatusOf(http, "/api/v1/devices/pi", "") == 401);
    CHECK(refused(AccessRefusal::kNoIdentity) == 1);
    http.strand.Drain();
    audit = *ReadSmallFile(http.audit_file());
  }
  CHECK(audit.find(R"("method":"GET /metrics")") != std::string::npos);
  CHECK(audit.find(R"("reason":"token_expired")") != std::string::npos);
  CHECK(audit.find(R"("address":"127.0.0.1:)") != std::string::npos);
  CHECK(audit.find(R"("method":"GET /api/v1/devices/NAME","object":"pi")") != std::string::npos);
  for (const std::string& line : log.Take()) audit += line;
  CHECK(audit.find("refused 127.0.0.1:") != std::string::npos);
  CHECK(audit.find("hunter2") == std::string::npos);
  CHECK(audit.find("secret") == std::string::npos);
}

TEST_CASE("a request with two tokens is no request") {
  HttpFixture http(WithTokens(), {Token("kim")});
  CHECK(StatusOf(http, "/", Showing("Bearer kim-secret") + Showing("Bearer wrong")) == 400);
}

TEST_CASE("a stream ends with its token, and others go on") {
  HttpFixture http(WithTokens(), {Token("kim"), Token("vic")});
  http.fleet.Set({MakeDevice("pi", 1)});
  HttpTestClient kim(http.port());
  HttpTestClient vic(http.port());
  kim.Send("GET", "/api/v1/stream", Showing("Bearer kim-secret"));
  vic.Send("GET", "/api/v1/stream", Showing(Basic(":vic-secret")));
  REQUIRE(kim.ReadThrough("event: all\n"));
  REQUIRE(vic.ReadThrough("event: all\n"));
  http.LookAtTokens();
  http.fleet.Set({MakeDevice("pi", 2)});
  CHECK(kim.ReadThrough("event: changed\n"));

  http.WriteTokens({Token("vic")});
  http.LookAtTokens();

  CHECK_FALSE(kim.ReadThrough("never sent"));
  CHECK(http.stats.access_calls_ended == 1);
  CHECK(StatusOf(http, "/api/v1/stream", Showing("Bearer kim-secret")) == 401);
  http.fleet.Set({MakeDevice("pi", 3)});
  CHECK(vic.ReadThrough("event: changed\n"));
}

HttpServerConfig WithCertificates(const TestAuthority& authority, PortPolicy callers) {
  const TlsFiles server = authority.Issue("server", "IP:127.0.0.1");
  auto config = TestHttpConfig();
  config.tls = std::make_shared<SharedTls>(TlsPem{.ca = *ReadSmallFile(server.ca),
                                                  .cert = *ReadSmallFile(server.cert),
                                                  .key = *ReadSmallFile(server.key)});
  config.callers = std::move(callers);
  return config;
}

// A server that knows its clients by certificates of an authority.
struct CertifiedFixture {
  explicit CertifiedFixture(const std::vector<AccessToken>& tokens = {})
      : http(WithCertificates(authority, {.port = Port::kOperators,
                                          .certificates = true,
                                          .tokens = !tokens.empty(),
                                          .other = "host:50051"}),
             tokens) {}

  // `names`: of the client's certificate; empty: it has none.
  [[nodiscard]] std::optional<HttpTestReply> Get(const std::string& path,
                                                 const std::string& names = "",
                                                 const std::string& headers = "") const {
    std::optional<TlsTestIdentity> identity;
    if (!names.empty()) {
      const TlsFiles files = authority.Issue("client", names);
      identity = {.cert = files.cert, .key = files.key};
    }
    return GetOverTls(http.port(), path, authority.file("ca.pem"), identity, headers);
  }
  // 0: it did not get as far.
  [[nodiscard]] unsigned Status(const std::string& path, const std::string& names = "",
                                const std::string& headers = "") const {
    const auto reply = Get(path, names, headers);
    return reply ? reply->status : 0;
  }

  TestAuthority authority;
  HttpFixture http;
};

TEST_CASE("of certificates, those of people open it, and devices are told where to go") {
  const CertifiedFixture fixture;
  for (const std::string role : {"viewer", "operator", "admin"}) {
    CAPTURE(role);
    CHECK(fixture.Status("/metrics", "URI:edgefeed://" + role + "/kim") == 200);
  }
  for (const std::string& path : kGuarded) {
    CAPTURE(path);
    const auto device = fixture.Get(path, "URI:edgefeed://device/pi");
    REQUIRE(device);
    CHECK(device->status == 403);
    CHECK_FALSE(device->headers.contains("www-authenticate"));
    CHECK(device->body.find("devices are served at host:50051") != std::string::npos);
  }
  CHECK(fixture.Status("/metrics", "DNS:pi") == 403);
  // There are no tokens to ask for.
  CHECK(fixture.Status("/metrics", "IP:10.0.0.1") == 403);
  CHECK(fixture.Status("/metrics", "IP:10.0.0.1", Showing("Bearer kim-secret")) == 403);
  CHECK(fixture.Status("/healthz", "URI:edgefeed://device/pi") == 200);
  CHECK(fixture.Status("/healthz") == 0);
}

TEST_CASE("where there are tokens, who has no certificate may show one instead") {
  const CertifiedFixture fixture({Token("kim")});
  CHECK(fixture.Status("/metrics") == 401);
  CHECK(fixture.Status("/healthz") == 200);
  CHECK(fixture.Status("/metrics", "", Showing("Bearer kim-secret")) == 200);
  CHECK(fixture.Status("/metrics", "URI:edgefeed://viewer/vic") == 200);
  CHECK(fixture.Status("/metrics", "IP:10.0.0.1", Showing(Basic("kim:kim-secret"))) == 200);
  // A certificate that names somebody counts before a token.
  CHECK(fixture.Status("/metrics", "URI:edgefeed://device/pi", Showing("Bearer kim-secret")) ==
        403);
  const TestAuthority foreign;
  const TlsFiles files = foreign.Issue("client", "URI:edgefeed://admin/eve");
  CHECK_FALSE(GetOverTls(fixture.http.port(), "/healthz", fixture.authority.file("ca.pem"),
                         TlsTestIdentity{.cert = files.cert, .key = files.key}));
}

}  // namespace
}  // namespace edgefeed
