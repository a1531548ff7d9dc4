#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "collector/rpc/connection_gate.h"
#include "collector/stats.h"
#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/model/shared_tls.h"
#include "common/rpc/credentials.h"
#include "common/runtime/strand.h"
#include "common/runtime/tcp_listener.h"

namespace grpc {
class Server;
class Service;
namespace experimental {
class ExternalConnectionAcceptor;
}  // namespace experimental
}  // namespace grpc

namespace edgefeed {

struct GrpcServerConfig {
  Endpoint listen;
  // Null: plaintext. New connections get what it holds then.
  std::shared_ptr<const SharedTls> tls;
  // Of `ca`, if `tls` has one.
  ClientCertificates client_certificates = ClientCertificates::kRequired;
  ShownChain chain = ShownChain::kOwn;
  ConnectionLimits limits;
  // Calls of one connection at a time. A client's gRPC keeps further ones back; who opens them all
  // the same loses the connection.
  std::uint32_t streams_per_connection = 1000;
  // A connection without a call is closed after this: its place is another's.
  std::chrono::milliseconds idle{60'000};
};

// The gRPC port, with health checking (grpc.health.v1) and reflection.
class GrpcServer {
 public:
  // `services` and `stats` must outlive the server. The error names the address and why it cannot
  // be used.
  static Result<std::unique_ptr<GrpcServer>> Start(const GrpcServerConfig& config,
                                                   const std::vector<grpc::Service*>& services,
                                                   CollectorStats& stats);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // Where it listens; the port is the real one if 0 was asked for.
  [[nodiscard]] const Endpoint& listening() const { return listening_; }

  // Health checks say NOT_SERVING from now on; calls go on.
  void AnnounceDrain();
  // Takes no new calls, waits for the running ones, cancels those that are left after `grace`.
  // Returns when every call is done.
  void Shutdown(std::chrono::milliseconds grace);

 private:
  GrpcServer(const GrpcServerConfig& config, CollectorStats& stats);
  Status Listen();
  std::chrono::milliseconds Admit(TcpPeer peer);

  CollectorStats& stats_;
  Endpoint listening_;
  SystemClock clock_;
  Strand strand_{"accept", clock_};
  ConnectionGate gate_;  // On the strand.
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<TcpListener> listener_;
};

}  // namespace edgefeed
