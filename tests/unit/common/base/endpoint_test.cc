#include "common/base/endpoint.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("an endpoint is HOST:PORT and is written back the same way") {
  for (const char* text :
       {"collector.example:50051", "10.0.0.1:1", "localhost:65535", "[::1]:50051", "[fe80::1]:0"}) {
    CAPTURE(text);
    const auto endpoint = ParseEndpoint(text);
    REQUIRE(endpoint);
    CHECK(ToString(*endpoint) == text);
  }
}

TEST_CASE("an IPv6 host is kept without its brackets") {
  const auto endpoint = ParseEndpoint("[::1]:50051");
  REQUIRE(endpoint);
  CHECK(endpoint->host == "::1");
  CHECK(endpoint->port == 50051);
}

TEST_CASE("what is not an endpoint is refused, quoting it") {
  for (const char* text : {"", ":", "host", "host:", ":50051", "host:65536", "host:-1", "host:5x",
                           "host: 5", "::1:50051", "[::1:50051", "[]:1", "a b:1", "http://a:1"}) {
    CAPTURE(text);
    const auto endpoint = ParseEndpoint(text);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error() ==
          Error{Code::kInvalidArgument,
                "'" + std::string(text) + "' is not HOST:PORT (an IPv6 host goes in brackets)"});
  }
}

TEST_CASE("only addresses of this host are loopback") {
  for (const char* host : {"localhost", "127.0.0.1", "127.3.2.1", "::1"}) {
    CAPTURE(host);
    CHECK(IsLoopback({host, 1}));
  }
  for (const char* host : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "127.0.0.1.example",
                           "localhost.example", "127", ""}) {
    CAPTURE(host);
    CHECK_FALSE(IsLoopback({host, 1}));
  }
}

}  // namespace
}  // namespace edgefeed
