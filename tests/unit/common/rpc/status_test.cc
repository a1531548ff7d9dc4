#include "common/rpc/status.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("an error keeps code and message on its way through gRPC") {
  for (const Code code : {Code::kCancelled, Code::kInvalidArgument, Code::kNotFound,
                          Code::kResourceExhausted, Code::kUnauthenticated}) {
    const Error error{code, "device 'x' is unknown"};
    CHECK(FromGrpc(ToGrpc(error)) == error);
  }
  CHECK(ToGrpc(Error{Code::kNotFound, ""}).error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(ToGrpc(Error{Code::kAborted, ""}).error_code() == grpc::StatusCode::ABORTED);
}

TEST_CASE("a connection that goes away is UNAVAILABLE, whatever gRPC calls it") {
  CHECK(FromGrpc({grpc::StatusCode::UNKNOWN, "Stream removed"}).code == Code::kUnavailable);
  CHECK(FromGrpc({grpc::StatusCode::UNKNOWN, "why"}).code == Code::kUnknown);
}

}  // namespace
}  // namespace edgefeed
