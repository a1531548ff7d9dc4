#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/endpoint.h"
#include "common/base/result.h"
#include "common/model/tls.h"
#include "common/rpc/credentials.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace edgefeed {

struct GrpcServerConfig {
  Endpoint listen;
  std::optional<TlsFiles> tls;
  ClientCertificates client_certificates = ClientCertificates::kRequired;
};

// The gRPC port, with health checking (grpc.health.v1) and reflection.
class GrpcServer {
 public:
  // `services` must outlive the server. The error names the address and why it cannot be used.
  static Result<std::unique_ptr<GrpcServer>> Start(const GrpcServerConfig& config,
                                                   const std::vector<grpc::Service*>& services);
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
  GrpcServer() = default;
  Endpoint listening_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace edgefeed
