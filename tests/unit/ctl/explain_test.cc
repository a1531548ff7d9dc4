#include "ctl/explain.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const Endpoint kHub{"hub", 50051};

TEST_CASE("a collector that cannot be reached is named, with the cause and the option") {
  const Error why{Code::kUnavailable,
                  "failed to connect to all addresses; last error: UNKNOWN: ipv4:10.0.0.1:50051: "
                  "Failed to connect to remote host: Connection refused"};
  CHECK(Explain(why, kHub) ==
        Error{Code::kUnavailable,
              "cannot reach the collector at hub:50051: Connection refused (is it running there? "
              "--collector HOST:PORT names another)"});
}

TEST_CASE("a failed TLS handshake points to the certificates") {
  const Error why{Code::kUnavailable, "last error: UNKNOWN: ipv4:10.0.0.1:1: Ssl handshake failed"};
  CHECK(Explain(why, kHub).message.ends_with("(do --ca, --cert and --key fit this collector?)"));
}

TEST_CASE("a server that speaks something else points to TLS") {
  CHECK(
      Explain({Code::kUnavailable, "Socket closed"}, kHub).message ==
      "cannot reach the collector at hub:50051: Socket closed (is that its gRPC port? --ca FILE if "
      "it uses TLS)");
}

TEST_CASE("a collector that answers too late is named with what helps") {
  CHECK(Explain({Code::kDeadlineExceeded, "Deadline Exceeded"}, kHub).message ==
        "no answer from the collector at hub:50051 in time (--timeout waits longer, --collector "
        "HOST:PORT names another)");
}

TEST_CASE("what the collector says of the request itself stays as it is") {
  const Error why{Code::kInvalidArgument, "filename: starts with a dot"};
  CHECK(Explain(why, kHub) == why);
  const Error slow{Code::kDeadlineExceeded, "the history of 'cam' takes longer than 60000 ms"};
  CHECK(Explain(slow, kHub) == slow);
  const Error nothing{Code::kNotFound, "no metric 'x' of 'cam'; there are cpu_usage, memory_mb"};
  CHECK(Explain(nothing, kHub) == nothing);
  CHECK(Explain({Code::kNotFound, "device 'cam' is not known"}, kHub).message ==
        "device 'cam' is not known (edgefeedctl devices lists the names)");
  CHECK(Explain({Code::kInternal, ""}, kHub).message == "the collector at hub:50051 said INTERNAL");
}

TEST_CASE("when the collector says when to come back, the user and the program are told") {
  const Error full{Code::kResourceExhausted, "the collector serves 16 lists already", 2s};
  CHECK(Explain(full, kHub) == Error{Code::kResourceExhausted,
                                     "the collector serves 16 lists already (it asks to wait 2s)",
                                     2s});
}

}  // namespace
}  // namespace edgefeed
