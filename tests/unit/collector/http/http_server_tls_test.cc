#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/unit/collector/http/http_client.h"
#include "tests/unit/collector/http/http_fixture.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

// A certificate authority in a directory of its own, made by the openssl program.
class TestCa {
 public:
  TestCa() {
    std::string path = (fs::temp_directory_path() / "edgefeed-http-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    directory_ = path;
    OpenSsl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca"
        " -keyout ca.key -out ca.pem");
  }
  ~TestCa() { fs::remove_all(directory_); }
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;

  [[nodiscard]] fs::path ca() const { return directory_ / "ca.pem"; }

  [[nodiscard]] TlsTestIdentity Issue(const std::string& name) const {
    OpenSsl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
            " -keyout " + name + ".key -out " + name + ".csr");
    OpenSsl("x509 -req -days 2 -in " + name +
            ".csr -CA ca.pem -CAkey ca.key -CAcreateserial -out " + name + ".pem");
    return {directory_ / (name + ".pem"), directory_ / (name + ".key")};
  }

 private:
  void OpenSsl(const std::string& arguments) const {
    const std::string command =
        "cd " + directory_.string() + " && openssl " + arguments + " >openssl.log 2>&1";
    REQUIRE_MESSAGE(std::system(command.c_str()) == 0, command);
  }

  fs::path directory_;
};

HttpServerConfig TlsConfig(const TlsFiles& files) {
  auto config = TestHttpConfig();
  config.tls = files;
  return config;
}

TEST_CASE("over TLS any client is served, plaintext is not") {
  const TestCa ca;
  const auto server = ca.Issue("server");
  HttpFixture http(TlsConfig({.ca = {}, .cert = server.cert, .key = server.key}));

  const auto reply = GetOverTls(http.port(), "/healthz", ca.ca(), std::nullopt);
  REQUIRE(reply);
  CHECK(reply->body == "ok\n");

  HttpTestClient plain(http.port());
  plain.Send("GET", "/healthz");
  CHECK_FALSE(plain.Read());
}

TEST_CASE("with a CA, only clients with a certificate of it are served") {
  const TestCa ca;
  const TestCa other_ca;
  const auto server = ca.Issue("server");
  HttpFixture http(TlsConfig({.ca = ca.ca(), .cert = server.cert, .key = server.key}));

  CHECK(GetOverTls(http.port(), "/healthz", ca.ca(), ca.Issue("client")));
  CHECK_FALSE(GetOverTls(http.port(), "/healthz", ca.ca(), std::nullopt));
  CHECK_FALSE(GetOverTls(http.port(), "/healthz", ca.ca(), other_ca.Issue("client")));
}

TEST_CASE("TLS files that do not work are named") {
  const TestCa ca;
  const auto server = ca.Issue("server");
  const auto other = ca.Issue("other");
  HttpFixture http;
  struct Case {
    TlsFiles files;
    std::string message;
  };
  for (const auto& [files, message] : std::vector<Case>{
           {{.ca = {}, .cert = "/missing.pem", .key = server.key}, "http.tls.cert /missing.pem: "},
           {{.ca = {}, .cert = server.cert, .key = other.key},
            "http.tls.key " + other.key.string() + ": "},
           {{.ca = "/missing.pem", .cert = server.cert, .key = server.key},
            "http.tls.ca /missing.pem: "},
           {{.ca = {}, .cert = server.cert, .key = {}},
            "http.tls: cert and key are both needed"}}) {
    CAPTURE(message);
    const auto started = HttpServer::Start(
        http.strand, TlsConfig(files), {http.fleet, http.alerts, http.stats, http.readiness, ""});
    REQUIRE_FALSE(started);
    CHECK(started.error().message.starts_with(message));
  }
}

}  // namespace
}  // namespace edgefeed
