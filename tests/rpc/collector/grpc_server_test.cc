#include "collector/rpc/grpc_server.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "telemetry.grpc.pb.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// Sockets of this process with this port on our side, that listen or are connected.
std::vector<int> SocketsOn(std::uint16_t port) {
  std::vector<int> sockets;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) continue;
    if (own.sin_family == AF_INET && ntohs(own.sin_port) == port) sockets.push_back(fd);
  }
  return sockets;
}

int Option(int socket, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(socket, level, name, &value, &size) == 0);
  return value;
}

TEST_CASE("who is let in has a connection as gRPC's own listener makes them") {
  CollectorStats stats;
  const auto server =
      GrpcServer::Start({.listen = {.host = "127.0.0.1", .port = 0}, .tls = nullptr}, {}, stats);
  REQUIRE(server);
  const std::uint16_t port = (*server)->listening().port;
  const auto channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  REQUIRE(channel->WaitForConnected(std::chrono::system_clock::now() + 60s));

  const std::vector<int> sockets = SocketsOn(port);
  REQUIRE(sockets.size() == 2);
  for (const int socket : sockets) {
    CHECK((::fcntl(socket, F_GETFD) & FD_CLOEXEC) != 0);
    if (Option(socket, SOL_SOCKET, SO_ACCEPTCONN) != 0) continue;
    CHECK(Option(socket, IPPROTO_TCP, TCP_NODELAY) != 0);
    CHECK(Option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT) == 20'000);
  }
  CHECK(stats.connections_accepted == 1);
  (*server)->Shutdown(0ms);
}

// Lets every subscriber in, and sends nothing.
class QuietService final : public telemetry::TelemetryService::CallbackService {
 public:
  grpc::ServerWriteReactor<telemetry::MetricsResponse>* Subscribe(
      grpc::CallbackServerContext* /*context*/,
      const telemetry::MetricsRequest* /*request*/) override {
    struct Quiet final : public grpc::ServerWriteReactor<telemetry::MetricsResponse> {
      Quiet() { StartSendInitialMetadata(); }
      void OnCancel() override { Finish(grpc::Status::CANCELLED); }
      void OnDone() override { delete this; }
    };
    return new Quiet;
  }
};

// A channel with a connection of its own.
std::shared_ptr<grpc::Channel> Connect(std::uint16_t port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials(), arguments);
}

// One call on a connection of its own, or on another's.
struct QuietCall {
  // `patience`: it gives up when it is not let in by then.
  QuietCall(const std::shared_ptr<grpc::Channel>& channel, std::chrono::milliseconds patience)
      : stub(telemetry::TelemetryService::NewStub(channel)) {
    context.set_deadline(std::chrono::system_clock::now() + patience);
    reader = stub->Subscribe(&context, {});
    reader->WaitForInitialMetadata();
  }
  grpc::Status End() {
    context.TryCancel();
    return reader->Finish();
  }

  std::unique_ptr<telemetry::TelemetryService::Stub> stub;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<telemetry::MetricsResponse>> reader;
};

TEST_CASE("calls over what a connection may have wait at the client, those of others do not") {
  CollectorStats stats;
  QuietService service;
  const auto server = GrpcServer::Start(
      {.listen = {.host = "127.0.0.1", .port = 0}, .tls = nullptr, .streams_per_connection = 2},
      {&service}, stats);
  REQUIRE(server);
  const std::uint16_t port = (*server)->listening().port;
  const auto channel = Connect(port);
  QuietCall first(channel, 10min);
  QuietCall second(channel, 10min);

  QuietCall third(channel, 500ms);
  CHECK(third.reader->Finish().error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
  QuietCall of_another(Connect(port), 10min);
  CHECK(of_another.End().error_code() == grpc::StatusCode::CANCELLED);

  CHECK(first.End().error_code() == grpc::StatusCode::CANCELLED);
  QuietCall fourth(channel, 10min);
  CHECK(fourth.End().error_code() == grpc::StatusCode::CANCELLED);
  CHECK(second.End().error_code() == grpc::StatusCode::CANCELLED);
  (*server)->Shutdown(0ms);
}

TEST_CASE("a connection without a call is closed, one with a call is not") {
  CollectorStats stats;
  QuietService service;
  const auto server =
      GrpcServer::Start({.listen = {.host = "127.0.0.1", .port = 0}, .tls = nullptr, .idle = 500ms},
                        {&service}, stats);
  REQUIRE(server);
  const std::uint16_t port = (*server)->listening().port;
  QuietCall call(Connect(port), 10min);
  const auto idle = Connect(port);
  REQUIRE(idle->WaitForConnected(std::chrono::system_clock::now() + 60s));
  CHECK(idle->WaitForStateChange(GRPC_CHANNEL_READY, std::chrono::system_clock::now() + 60s));
  CHECK(stats.connections_accepted == 2);

  // It comes back when it has something to ask, and the other was never gone.
  QuietCall later(idle, 10min);
  CHECK(later.End().error_code() == grpc::StatusCode::CANCELLED);
  CHECK(call.End().error_code() == grpc::StatusCode::CANCELLED);
  (*server)->Shutdown(0ms);
}

}  // namespace
}  // namespace edgefeed
