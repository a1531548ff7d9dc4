#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "collector/http/tls_context.h"
#include "common/base/file.h"
#include "tests/support/tls_client.h"
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

std::string Read(const fs::path& file) {
  return file.empty() ? std::string() : *ReadSmallFile(file);
}

TlsPem Pem(const TlsFiles& files) {
  return {.ca = Read(files.ca), .cert = Read(files.cert), .key = Read(files.key)};
}

HttpServerConfig TlsConfig(const TlsFiles& files) {
  auto config = TestHttpConfig();
  config.tls = std::make_shared<SharedTls>(Pem(files));
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

TEST_CASE("TLS 1.3 is liked best, 1.2 is spoken, 1.1 is not") {
  const TestCa ca;
  const auto server = ca.Issue("server");
  HttpFixture http(TlsConfig({.ca = {}, .cert = server.cert, .key = server.key}));
  const auto version = [&](int offered) {
    const auto visit = Visit(http.port(), {.version = offered});
    return visit ? visit->version : "";
  };
  CHECK(version(0) == "TLSv1.3");
  CHECK(version(TLS1_2_VERSION) == "TLSv1.2");
  CHECK(version(TLS1_1_VERSION) == "");
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

TEST_CASE("new connections are served with what was renewed") {
  const TestCa ca;
  const TestCa new_ca;
  const auto old_server = ca.Issue("server");
  const auto new_server = new_ca.Issue("server");
  const auto tls = std::make_shared<SharedTls>(
      Pem({.ca = ca.ca(), .cert = old_server.cert, .key = old_server.key}));
  auto config = TestHttpConfig();
  config.tls = tls;
  HttpFixture http(config);
  const auto old_client = ca.Issue("client");
  const auto new_client = new_ca.Issue("client");
  CHECK(GetOverTls(http.port(), "/healthz", ca.ca(), old_client));
  CHECK_FALSE(GetOverTls(http.port(), "/healthz", new_ca.ca(), new_client));

  tls->Set(Pem({.ca = new_ca.ca(), .cert = new_server.cert, .key = new_server.key}));

  CHECK(GetOverTls(http.port(), "/healthz", new_ca.ca(), new_client));
  CHECK_FALSE(GetOverTls(http.port(), "/healthz", ca.ca(), new_client));
  CHECK_FALSE(GetOverTls(http.port(), "/healthz", new_ca.ca(), old_client));
}

TEST_CASE("what OpenSSL does not take is named, and renewing to it changes nothing") {
  const TestCa ca;
  const auto server = ca.Issue("server");
  const auto other = ca.Issue("other");
  const TlsPem good = Pem({.ca = {}, .cert = server.cert, .key = server.key});
  const auto why_not = [](const TlsPem& pem) {
    const auto made = MakeServerTls(pem, ClientProof::kCertificate);
    return made ? "" : made.error().message;
  };
  CHECK(why_not({.ca = {}, .cert = "junk", .key = good.key}).starts_with("http.tls.cert: "));
  CHECK(
      why_not({.ca = {}, .cert = good.cert, .key = Read(other.key)}).starts_with("http.tls.key: "));
  CHECK(why_not({.ca = "junk", .cert = good.cert, .key = good.key})
            .starts_with("http.tls.client_ca: "));

  const auto tls = std::make_shared<SharedTls>(good);
  auto config = TestHttpConfig();
  config.tls = tls;
  HttpFixture http(config);
  tls->Set({.ca = {}, .cert = "junk", .key = "junk"});
  CHECK(GetOverTls(http.port(), "/healthz", ca.ca(), std::nullopt));
}

}  // namespace
}  // namespace edgefeed
