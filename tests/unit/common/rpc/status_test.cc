#include "common/rpc/status.h"

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>
#include <utility>

#include "telemetry.grpc.pb.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// Refuses each call with the same error, or with what the test wants to be in the metadata.
class Refuser final : public telemetry::TelemetryService::Service {
 public:
  explicit Refuser(Error why) : why_(std::move(why)) {}

  grpc::Status GetSnapshot(grpc::ServerContext* context,
                           const telemetry::MetricsRequest* /*request*/,
                           telemetry::MetricsResponse* /*response*/) override {
    if (!pushback.empty()) context->AddTrailingMetadata("grpc-retry-pushback-ms", pushback);
    return ToGrpc(why_, *context);
  }

  std::string pushback;

 private:
  const Error why_;
};

// What a client makes of it, over a real connection: gRPC itself looks at this metadata too.
class RefusedCall {
 public:
  explicit RefusedCall(const Error& why, const std::string& pushback = {}) : refuser_(why) {
    refuser_.pushback = pushback;
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&refuser_);
    server_ = builder.BuildAndStart();
    const auto stub = telemetry::TelemetryService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
    telemetry::MetricsResponse response;
    status_ = stub->GetSnapshot(&context_, {}, &response);
  }
  ~RefusedCall() { server_->Shutdown(); }
  RefusedCall(const RefusedCall&) = delete;
  RefusedCall& operator=(const RefusedCall&) = delete;

  [[nodiscard]] Error why() const { return FromGrpc(status_, context_); }
  [[nodiscard]] std::size_t trailers() const {
    return context_.GetServerTrailingMetadata().count("grpc-retry-pushback-ms");
  }

 private:
  Refuser refuser_;
  std::unique_ptr<grpc::Server> server_;
  grpc::ClientContext context_;
  grpc::Status status_;
};

TEST_CASE("an error keeps code, message and when to come back on its way through gRPC") {
  for (const Code code : {Code::kCancelled, Code::kInvalidArgument, Code::kNotFound,
                          Code::kResourceExhausted, Code::kUnauthenticated}) {
    const Error error{code, "device 'x' is unknown"};
    const RefusedCall call(error);
    CHECK(call.why() == error);
    CHECK(call.trailers() == 0);
  }
  const Error busy{Code::kResourceExhausted, "full", 7s};
  const RefusedCall call(busy);
  CHECK(call.why() == busy);
  CHECK(call.trailers() == 1);
}

TEST_CASE("what a hostile server asks for is bounded, or nothing") {
  const Error full{Code::kResourceExhausted, "full"};
  const auto wait = [&](const std::string& pushback) {
    return RefusedCall(full, pushback).why().retry_after;
  };
  CHECK(wait("250") == 250ms);
  CHECK(wait("2000000000") == 10min);
  // gRPC on 32 bits does not tell us of so much.
  CHECK(wait("999999999999") == (sizeof(void*) == 8 ? 10min : 0min));
  for (const std::string text : {"-1", "soon", "99999999999999999999999999", "1.5"}) {
    CAPTURE(text);
    CHECK(wait(text) == 0ms);
  }
}

TEST_CASE("a connection that goes away is UNAVAILABLE, whatever gRPC calls it") {
  const grpc::ClientContext context;
  CHECK(FromGrpc({grpc::StatusCode::UNKNOWN, "Stream removed"}, context).code ==
        Code::kUnavailable);
  CHECK(FromGrpc({grpc::StatusCode::UNKNOWN, "why"}, context).code == Code::kUnknown);
}

}  // namespace
}  // namespace edgefeed
