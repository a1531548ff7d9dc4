#include "common/http/http_client.h"

#include <doctest/doctest.h>

#include <future>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "tests/support/free_port.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"
#include "tests/support/web_server.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// More than any test takes.
constexpr auto kPatience = 30s;

ServedReply Ok(const ReceivedRequest&) { return {}; }

Code CodeOfPost(HttpClient& client, const HttpClient::Request& request) {
  const auto reply = client.Post(request);
  return reply ? Code::kUnknown : reply.error().code;
}

TEST_CASE("a request arrives whole, and its answer comes back") {
  std::vector<ReceivedRequest> received;
  std::string body(3'000'000, 'x');
  body[5] = '\0';
  {
    WebServer server([&](const ReceivedRequest& request) {
      received.push_back(request);
      return ServedReply{.status = 202, .headers = {}, .body = "taken"};
    });
    HttpClient client;

    const auto reply =
        client.Post({.url = server.url() + "/api/v1/write?a=b",
                     .headers = {{"Content-Type", "application/x-protobuf"}, {"X-Empty", ""}},
                     .body = body});

    REQUIRE(reply);
    CHECK(reply->status == 202);
    CHECK(reply->body == "taken");
    CHECK_FALSE(reply->retry_after);
  }
  REQUIRE(received.size() == 1);
  CHECK(received[0].method == "POST");
  CHECK(received[0].target == "/api/v1/write?a=b");
  CHECK(received[0].headers["content-type"] == "application/x-protobuf");
  CHECK(received[0].headers.contains("x-empty"));
  CHECK(received[0].body == body);
}

TEST_CASE("the next request finds the connection open, and nothing left of the one before") {
  std::vector<ReceivedRequest> received;
  std::size_t connections = 0;
  {
    WebServer server([&](const ReceivedRequest& request) {
      received.push_back(request);
      return ServedReply{};
    });
    HttpClient client;
    REQUIRE(client.Post({.url = server.url(), .headers = {{"X-First", "1"}}, .body = "one"}));
    REQUIRE(client.Post({.url = server.url(), .headers = {}, .body = ""}));
    connections = server.connections();
  }
  CHECK(connections == 1);
  REQUIRE(received.size() == 2);
  CHECK_FALSE(received[1].headers.contains("x-first"));
  CHECK(received[1].body.empty());
}

TEST_CASE("a refusal is an answer: its status, when to come again, and the beginning of its text") {
  WebServer server([](const ReceivedRequest&) {
    return ServedReply{
        .status = 429, .headers = {{"Retry-After", "7"}}, .body = std::string(100'000, 'n')};
  });
  HttpClient client;

  const auto reply = client.Post({.url = server.url(), .headers = {}, .body = "x"});

  REQUIRE(reply);
  CHECK(reply->status == 429);
  CHECK(reply->retry_after == 7s);
  CHECK(reply->body == std::string(HttpClient::kMaxBody, 'n'));
}

TEST_CASE("a redirect is not followed") {
  WebServer elsewhere(Ok);
  WebServer server([&](const ReceivedRequest&) {
    return ServedReply{.status = 307, .headers = {{"Location", elsewhere.url()}}, .body = ""};
  });
  HttpClient client;

  const auto reply = client.Post({.url = server.url(), .headers = {}, .body = "x"});

  REQUIRE(reply);
  CHECK(reply->status == 307);
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("what cannot be sent is told apart from a server that is not there") {
  HttpClient client;
  CHECK(CodeOfPost(client, {.url = "file:///etc/passwd"}) == Code::kInvalidArgument);
  CHECK(CodeOfPost(client, {.url = "http://"}) == Code::kInvalidArgument);
  CHECK(CodeOfPost(client, {.url = "http://127.0.0.1", .headers = {{"A", "b\r\nC: d"}}}) ==
        Code::kInvalidArgument);
  CHECK(CodeOfPost(client, {.url = "http://127.0.0.1:" + std::to_string(FreePort())}) ==
        Code::kUnavailable);
}

TEST_CASE("a server that does not answer is given up after the timeout") {
  std::promise<void> enough;
  WebServer server([answered = enough.get_future().share()](const ReceivedRequest&) {
    answered.wait();
    return ServedReply{};
  });
  HttpClient client;
  HttpClient::Request request{.url = server.url(), .headers = {}, .body = "x"};
  request.timeout = 50ms;
  CHECK(CodeOfPost(client, request) == Code::kDeadlineExceeded);
  enough.set_value();
}

TEST_CASE("a cancelled request ends at once, and so do all later ones") {
  std::promise<void> arrived;
  std::promise<void> enough;
  WebServer server([&, answered = enough.get_future().share()](const ReceivedRequest&) {
    arrived.set_value();
    answered.wait();
    return ServedReply{};
  });
  HttpClient client;
  HttpClient::Request request{.url = server.url(), .headers = {}, .body = "x"};
  request.timeout = 10min;
  auto post = std::async(std::launch::async, [&] { return CodeOfPost(client, request); });
  arrived.get_future().wait();

  client.Cancel();

  REQUIRE(post.wait_for(kPatience) == std::future_status::ready);
  CHECK(post.get() == Code::kCancelled);
  enough.set_value();
  CHECK(CodeOfPost(client, request) == Code::kCancelled);
}

struct TlsFixture {
  TlsFixture() {
    RunOpenssl(directory.path(),
               "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
               " -subj /CN=server -addext subjectAltName=IP:127.0.0.1"
               " -keyout server.key -out server.pem");
  }
  TempDir directory;
  TlsFiles client = MakeCertificate(directory.path(), "client");
  [[nodiscard]] std::filesystem::path Path(const char* name) const {
    return directory.path() / name;
  }
};

TEST_CASE("over TLS the server must be one that is believed, and the client may have to be") {
  const TlsFixture files;
  WebServer server(Ok, TlsFiles{.ca = files.client.cert,
                                .cert = files.Path("server.pem"),
                                .key = files.Path("server.key")});
  HttpClient::Request request{.url = server.url(), .headers = {}, .body = "x"};
  HttpClient stranger;
  CHECK(CodeOfPost(stranger, request) == Code::kUnavailable);
  request.tls.ca = files.Path("server.pem");
  CHECK(CodeOfPost(stranger, request) == Code::kUnavailable);  // Without a certificate of its own.
  request.tls.cert = files.client.cert;
  request.tls.key = files.client.key;
  HttpClient client;

  const auto reply = client.Post(request);

  REQUIRE_MESSAGE(reply, (reply ? "" : reply.error().message));
  CHECK(reply->status == 200);
  request.tls.key = files.Path("none.key");
  HttpClient another;
  CHECK(CodeOfPost(another, request) == Code::kInvalidArgument);
}

}  // namespace
}  // namespace edgefeed
