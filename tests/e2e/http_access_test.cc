// Who may see the web page, its data and /metrics of the real collector, as curl and browsers ask.

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/file.h"
#include "common/tokens/token_file.h"
#include "tests/e2e/rig.h"
#include "tests/support/test_authority.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kGuarded = {"/", "/app.js", "/api/v1/devices", "/api/v1/devices/pi",
                                           "/metrics"};

// curl, whose output begins with the answer's status line.
std::unique_ptr<Program> Curl(const std::string& url, std::vector<std::string> options) {
  options.insert(options.end(), {"--silent", "--show-error", "--no-buffer", "--include", url});
  return std::make_unique<Program>(
      ProgramSpec{.program = "/usr/bin/curl", .arguments = std::move(options)});
}

// The answer's status; 0 without an answer.
int StatusOf(const std::string& url, const std::vector<std::string>& options) {
  const auto curl = Curl(url, options);
  static_cast<void>(curl->Wait(kPatience));
  const std::string answer = curl->Output(Stream::kStdout);
  const auto space = answer.find(' ');
  return space == std::string::npos ? 0 : std::atoi(answer.c_str() + space + 1);
}

std::vector<std::string> Bearer(const std::string& token) {
  return {"--header", "Authorization: Bearer " + token};
}
std::vector<std::string> Basic(const std::string& token) { return {"--user", "browser:" + token}; }

class Tokens {
 public:
  Tokens() { Write({Of("vic", 1h), Of("old", -1h)}); }

  [[nodiscard]] std::string yaml() const {
    return "operators: {tokens: " + file().string() + "}\n";
  }
  void RemoveVic() const { Write({Of("old", -1h)}); }

 private:
  static AccessToken Of(const std::string& name, WallTime::duration lasts) {
    return {.name = name,
            .role = Role::kViewer,
            .sha256 = Sha256Of(name + "-hunter2"),
            .expires = SystemClock().Wall() + lasts};
  }
  [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "tokens.yaml"; }
  void Write(const std::vector<AccessToken>& tokens) const {
    REQUIRE(WriteTokenFile(file(), tokens).ok());
  }

  TempDir directory_;
};

TEST_CASE("with tokens, the fleet is shown to who has one, and health to everybody") {
  const Tokens tokens;
  RunningCollector collector(tokens.yaml());
  const std::string url = "http://127.0.0.1:" + std::to_string(collector.http_port());
  for (const std::string& path : kGuarded) {
    CAPTURE(path);
    const int shown = path.ends_with("/pi") ? 404 : 200;
    CHECK(StatusOf(url + path, {}) == 401);
    CHECK(StatusOf(url + path, Bearer("wrong-hunter2")) == 401);
    CHECK(StatusOf(url + path, Basic("wrong-hunter2")) == 401);
    CHECK(StatusOf(url + path, Bearer("old-hunter2")) == 401);
    CHECK(StatusOf(url + path, Bearer("vic-hunter2")) == shown);
    CHECK(StatusOf(url + path, Basic("vic-hunter2")) == shown);
  }
  CHECK(StatusOf(url + "/healthz", {}) == 200);
  CHECK(StatusOf(url + "/readyz", {}) == 200);

  const auto scrape = Curl(url + "/metrics", Basic("vic-hunter2"));
  REQUIRE(scrape->Wait(kPatience) == 0);
  const std::string metrics = scrape->Output(Stream::kStdout);
  const auto refused = [&](const std::string& reason, std::size_t times) {
    return metrics.find("edgefeed_access_refused_total{reason=\"" + reason + "\"} " +
                        std::to_string(times) + "\n") != std::string::npos;
  };
  CHECK(refused("no_identity", kGuarded.size()));
  CHECK(refused("token", 2 * kGuarded.size()));
  CHECK(refused("token_expired", kGuarded.size()));

  const auto audit_file = collector.directory() / "data" / "audit.log";
  const auto audit = [&] {
    const auto text = ReadSmallFile(audit_file);
    return text ? *text : "";
  };
  CHECK(Await([&] { return audit().find(R"("method":"GET /metrics")") != std::string::npos; }));
  for (const std::string& text : {metrics, audit(), collector.program().Output(Stream::kStderr)}) {
    CHECK(text.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("a stream ends when its token is taken away, and does not come back") {
  const Tokens tokens;
  RunningCollector collector(tokens.yaml());
  const std::string url =
      "http://127.0.0.1:" + std::to_string(collector.http_port()) + "/api/v1/stream";
  const auto stream = Curl(url, Bearer("vic-hunter2"));
  REQUIRE(stream->WaitForLine("event: all", kPatience));

  tokens.RemoveVic();

  CHECK(collector.program().WaitForLine("GET /api/v1/stream of viewer 'vic' (token) from 127.0.0.1",
                                        kPatience));
  CHECK(stream->Wait(kPatience));
  CHECK(StatusOf(url, Bearer("vic-hunter2")) == 401);
}

TEST_CASE("with a client_ca, the fleet is shown to people, and to no device") {
  const TestAuthority authority;
  authority.WriteCrl();
  const TlsFiles server = authority.Issue("server", "IP:127.0.0.1");
  const Tokens tokens;
  RunningCollector collector(tokens.yaml(), "127.0.0.1",
                             "{listen: '127.0.0.1:0', tls: {cert: " + server.cert.string() +
                                 ", key: " + server.key.string() +
                                 ", client_ca: " + server.ca.string() +
                                 ", crl: " + authority.file("crl.pem").string() + "}}");
  const std::string url = "https://127.0.0.1:" + std::to_string(collector.http_port());
  const std::vector<std::string> believing = {"--cacert", server.ca.string()};
  const auto as = [&](const std::string& role, std::vector<std::string> more = {}) {
    const TlsFiles files = authority.Issue(role, "URI:edgefeed://" + role + "/kim");
    more.insert(more.end(), {"--cert", files.cert.string(), "--key", files.key.string()});
    more.insert(more.end(), believing.begin(), believing.end());
    return more;
  };
  const auto with = [&](std::vector<std::string> options) {
    options.insert(options.end(), believing.begin(), believing.end());
    return options;
  };
  for (const std::string& path : kGuarded) {
    CAPTURE(path);
    const int shown = path.ends_with("/pi") ? 404 : 200;
    CHECK(StatusOf(url + path, believing) == 401);
    CHECK(StatusOf(url + path, with(Basic("vic-hunter2"))) == shown);
  }
  CHECK(StatusOf(url + "/metrics", as("device")) == 403);
  CHECK(StatusOf(url + "/metrics", as("device", Bearer("vic-hunter2"))) == 403);
  CHECK(StatusOf(url + "/metrics", as("viewer")) == 200);
  CHECK(StatusOf(url + "/healthz", believing) == 200);
  CHECK(StatusOf(url + "/healthz", with({"--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0"})) ==
        0);

  const auto stream = Curl(url + "/api/v1/stream", as("operator"));
  REQUIRE(stream->WaitForLine("event: all", kPatience));
  authority.Revoke("operator");
  CHECK(stream->Wait(kPatience));
  CHECK(collector.program().WaitForLine("is revoked", kPatience));
}

}  // namespace
}  // namespace edgefeed::e2e
