#include "collector/http/http_server.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/collector/http/http_client.h"
#include "tests/unit/collector/http/http_fixture.h"

namespace edgefeed {
namespace {

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("/healthz answers as long as the process lives") {
  HttpFixture http;
  const auto reply = HttpTestClient(http.port()).Get("/healthz");
  CHECK(reply.status == 200);
  CHECK(reply.body == "ok\n");
}

TEST_CASE("/readyz follows the state") {
  HttpFixture http;
  HttpTestClient client(http.port());

  auto reply = client.Get("/readyz");
  CHECK(reply.status == 503);
  CHECK(reply.body == "starting\n");

  http.readiness.Set(Readiness::State::kReady);
  reply = client.Get("/readyz");
  CHECK(reply.status == 200);
  CHECK(reply.body == "ready\n");

  http.readiness.Set(Readiness::State::kDraining);
  reply = client.Get("/readyz?verbose");
  CHECK(reply.status == 503);
  CHECK(reply.body == "draining\n");
}

TEST_CASE("/metrics tells of the collector and of each device") {
  HttpFixture http;
  http.stats.payloads_accepted = 41;
  http.fleet.Set({MakeDevice("a", 50)});

  const auto reply = HttpTestClient(http.port()).Get("/metrics");

  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(Contains(reply.body, "\nedgefeed_collector_payloads_accepted_total 41\n"));
  CHECK(Contains(reply.body, "\nedgefeed_collector_http_connections_open 1\n"));
  CHECK(Contains(reply.body, "\nedgefeed_device_cpu_usage_percent{device=\"a\"} 50\n"));
}

TEST_CASE("/api/v1/devices lists the fleet") {
  HttpFixture http;
  http.fleet.Set({MakeDevice("a"), MakeDevice("b")});

  const auto reply = HttpTestClient(http.port()).Get("/api/v1/devices");

  CHECK(reply.status == 200);
  CHECK(reply.headers.at("content-type") == "application/json");
  CHECK(reply.headers.at("cache-control") == "no-store");
  CHECK(reply.body.starts_with("[{\"service_name\":\"a\",\"connected\":true,"));
  CHECK(Contains(reply.body, "{\"service_name\":\"b\","));
}

TEST_CASE("/api/v1/devices/NAME shows one device with its readings") {
  HttpFixture http;
  auto device = MakeDevice("site:a");
  device.readings = {{{"load1", {}}, 0.5}};
  http.fleet.Set({device});
  HttpTestClient client(http.port());

  const auto reply = client.Get("/api/v1/devices/site%3Aa");
  CHECK(reply.status == 200);
  CHECK(Contains(reply.body, "\"metric\":\"load1\""));

  const auto unknown = client.Get("/api/v1/devices/nobody");
  CHECK(unknown.status == 404);
  CHECK(unknown.headers.at("content-type") == "application/json");
  CHECK(unknown.body ==
        "{\"code\":\"NOT_FOUND\",\"message\":\"device 'nobody' was never seen\"}\n");

  for (const std::string name : {"", "%", "%zz", "%ff", "a%2Fb", "a%00"}) {
    CAPTURE(name);
    CHECK(client.Get("/api/v1/devices/" + name).status == 404);
  }
}

TEST_CASE("the page comes with its type, a strong ETag and a policy") {
  HttpFixture http;
  HttpTestClient client(http.port());
  struct Asset {
    std::string path;
    std::string type;
  };
  for (const auto& [path, type] : std::vector<Asset>{{"/", "text/html; charset=utf-8"},
                                                     {"/app.js", "text/javascript; charset=utf-8"},
                                                     {"/app.css", "text/css; charset=utf-8"},
                                                     {"/favicon.svg", "image/svg+xml"}}) {
    CAPTURE(path);
    const auto reply = client.Get(path);
    CHECK(reply.status == 200);
    CHECK(reply.headers.at("content-type") == type);
    CHECK(reply.headers.at("x-content-type-options") == "nosniff");
    CHECK(reply.headers.at("content-security-policy").starts_with("default-src 'none'; "));
    CHECK(reply.body.size() > 100);

    const std::string etag = reply.headers.at("etag");
    CHECK(etag.starts_with('"'));
    const auto unchanged = client.Get(path, "If-None-Match: " + etag + "\r\n");
    CHECK(unchanged.status == 304);
    CHECK(unchanged.body.empty());
  }
}

TEST_CASE("HEAD answers as GET does, without the body, and the connection lives on") {
  HttpFixture http;
  HttpTestClient client(http.port());
  client.Send("HEAD", "/healthz");
  const auto head = client.ReadToHead();
  REQUIRE(head);
  CHECK(head->status == 200);
  CHECK(head->headers.at("content-length") == "3");
  client.Send("HEAD", "/api/v1/stream");
  REQUIRE(client.ReadToHead());
  CHECK(client.IsAtEnd());
}

TEST_CASE("a connection serves one request after another") {
  HttpFixture http;
  HttpTestClient client(http.port());
  CHECK(client.Get("/healthz").status == 200);
  CHECK(client.Get("/nothing").status == 404);
  client.SendRaw(
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK(client.Read()->body == "ok\n");
  CHECK(client.Read()->body == "starting\n");
  CHECK(client.IsAtEnd());
}

TEST_CASE("what is not served is refused by name") {
  HttpFixture http;
  struct Refusal {
    std::string request;
    unsigned status;
  };
  const std::string host = "Host: localhost\r\n";
  const std::string host_twice = host + host;
  for (const auto& [request, status] : std::vector<Refusal>{
           {"POST /healthz HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\nhi", 405},
           {"DELETE /api/v1/devices HTTP/1.1\r\n" + host + "\r\n", 405},
           {"GET /healthz HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\nhi", 413},
           {"GET /healthz HTTP/1.1\r\n" + host + "Content-Length: 99999999999\r\n\r\n", 413},
           {"GET /healthz HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            413},
           {"GET /healthz HTTP/1.1\r\n\r\n", 400},
           {"GET /healthz HTTP/1.1\r\n" + host_twice + "\r\n", 400},
           {"GET /healthz HTTP/9.9\r\n\r\n", 400},
           {"\x16\x03\x01\x02\x05garbage\r\n\r\n", 400},
           {"GET /healthz HTTP/1.1\r\n" + host + "X: " + std::string(9000, 'x') + "\r\n\r\n", 431},
           {std::string(100'000, 'x'), 431},
           {"GET /" + std::string(100'000, 'x'), 431},
           {"GET /nothing HTTP/1.1\r\n" + host + "\r\n", 404},
           {"GET /api/nothing HTTP/1.1\r\n" + host + "\r\n", 404},
           {"GET /../app.js HTTP/1.1\r\n" + host + "\r\n", 404},
           {"GET healthz HTTP/1.1\r\n" + host + "\r\n", 404},
       }) {
    CAPTURE(request.substr(0, 60));
    HttpTestClient client(http.port());
    client.SendRaw(request);
    const auto reply = client.Read();
    REQUIRE(reply);
    CHECK(reply->status == status);
    if (status != 404) CHECK(client.IsAtEnd());
  }
  CHECK(HttpTestClient(http.port()).Get("/healthz").status == 200);
}

TEST_CASE("on loopback, only loopback names are believed") {
  HttpFixture http;
  struct Host {
    std::string name;
    unsigned status;
  };
  for (const auto& [name, status] : std::vector<Host>{{"127.0.0.1:8080", 200},
                                                      {"LocalHost", 200},
                                                      {"[::1]:8080", 200},
                                                      {"evil.example", 421},
                                                      {"localhost.evil.example:80", 421},
                                                      {"127.0.0.1.evil.example", 421},
                                                      {"", 421}}) {
    CAPTURE(name);
    HttpTestClient client(http.port());
    client.SendRaw("GET /healthz HTTP/1.1\r\nHost: " + name + "\r\n\r\n");
    CHECK(client.Read()->status == status);
  }
}

TEST_CASE("the stream starts with every device and goes on with those that change") {
  HttpFixture http;
  http.fleet.Set({MakeDevice("a", 1), MakeDevice("b", 2)});
  HttpTestClient client(http.port());
  client.Send("GET", "/api/v1/stream");

  const auto head = client.ReadThrough("\r\n\r\n");
  REQUIRE(head);
  CHECK(head->starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(Contains(*head, "Content-Type: text/event-stream\r\n"));
  CHECK(client.ReadThrough("\n\n") == "retry: 2000\n\n");
  const auto all = client.ReadThrough("\n\n");
  REQUIRE(all);
  CHECK(all->starts_with("event: all\ndata: {\"now_ms\":"));
  CHECK(Contains(*all, "{\"service_name\":\"a\","));
  CHECK(Contains(*all, "{\"service_name\":\"b\","));

  http.fleet.Set({MakeDevice("a", 1), MakeDevice("b", 99)});
  const auto changed = client.ReadThrough("\n\n");
  REQUIRE(changed);
  CHECK(changed->starts_with("event: changed\n"));
  CHECK_FALSE(Contains(*changed, "{\"service_name\":\"a\","));
  CHECK(Contains(*changed, "{\"service_name\":\"b\","));
}

TEST_CASE("streams have a limit of their own, and a reader that goes away makes room") {
  auto config = TestHttpConfig();
  config.max_streams = 1;
  HttpFixture http(config);
  http.fleet.Set({MakeDevice("a")});
  {
    HttpTestClient first(http.port());
    first.Send("GET", "/api/v1/stream");
    REQUIRE(first.ReadThrough("event: all\n"));
    CHECK(HttpTestClient(http.port()).Get("/api/v1/stream").status == 503);
  }
  while (!Contains(HttpTestClient(http.port()).Get("/metrics").body, "http_streams_open 0\n")) {
  }
  HttpTestClient second(http.port());
  second.Send("GET", "/api/v1/stream");
  CHECK(second.ReadThrough("event: all\n"));
}

TEST_CASE("a connection over the limit gets 503") {
  auto config = TestHttpConfig();
  config.max_connections = 2;
  HttpFixture http(config);
  HttpTestClient first(http.port());
  HttpTestClient second(http.port());
  CHECK(first.Get("/healthz").status == 200);
  CHECK(second.Get("/healthz").status == 200);

  HttpTestClient third(http.port());
  third.Send("GET", "/healthz");
  const auto refused = third.Read();
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(refused->headers.contains("retry-after"));
  CHECK(third.IsAtEnd());
  CHECK(first.Get("/healthz").status == 200);
}

TEST_CASE("an idle connection is closed") {
  auto config = TestHttpConfig();
  config.idle_timeout = std::chrono::milliseconds(50);
  HttpFixture http(config);
  HttpTestClient client(http.port());
  client.SendRaw("GET /healthz HTTP/1.1\r\n");  // And nothing more.
  CHECK(client.IsAtEnd());
}

TEST_CASE("an answer that comes after its connection is gone is dropped") {
  HttpFixture http;
  http.fleet.HoldAnswers();
  auto client = std::make_unique<HttpTestClient>(http.port());
  client->Send("GET", "/api/v1/devices");
  http.fleet.AwaitQuestions(1);
  client.reset();
  http.server->Stop();
  http.server.reset();
  http.fleet.ReleaseAnswers();
  http.strand.Drain();
}

TEST_CASE("Stop() ends open streams and idle connections") {
  HttpFixture http;
  HttpTestClient idle(http.port());
  CHECK(idle.Get("/healthz").status == 200);
  HttpTestClient reader(http.port());
  reader.Send("GET", "/api/v1/stream");
  REQUIRE(reader.ReadThrough("event: all\n"));

  http.server->Stop();

  CHECK_FALSE(reader.ReadThrough("never sent"));
  CHECK(idle.IsAtEnd());
  http.server->Stop();
}

TEST_CASE("a start that fails names the address") {
  HttpFixture http;
  auto config = TestHttpConfig();
  config.listen.port = http.port();
  const auto second = HttpServer::Start(http.strand, config, http.Sources());
  REQUIRE_FALSE(second);
  CHECK(second.error().message ==
        "http.listen: 127.0.0.1:" + std::to_string(http.port()) + ": address already in use");

  config.listen = {"no-such-host.invalid", 0};
  const auto nowhere = HttpServer::Start(http.strand, config, http.Sources());
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().message.starts_with("http.listen: no-such-host.invalid:0: "));
}

TEST_CASE("a host name is listened on") {
  auto config = TestHttpConfig();
  config.listen.host = "localhost";
  HttpFixture http(config);
  CHECK(HttpTestClient(http.port()).Get("/healthz").status == 200);
}

}  // namespace
}  // namespace edgefeed
