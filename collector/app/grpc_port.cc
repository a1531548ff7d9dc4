#include "collector/app/grpc_port.h"

namespace edgefeed {

GrpcPort::GrpcPort(Access& access, PortPolicy policy, const ServiceParts& parts)
    : gate_(access, std::move(policy)),
      telemetry_(parts.shards, parts.fleet, parts.limits, parts.stats, gate_),
      fleet_(parts.fleet, parts.history, parts.backup, gate_),
      uploads_(parts.uploads, gate_),
      dumps_(parts.dumps, gate_),
      alerts_(parts.alerts, gate_) {}

Result<std::unique_ptr<GrpcPort>> GrpcPort::Start(Access& access, PortPolicy policy,
                                                  const GrpcServerConfig& config,
                                                  const ServiceParts& parts) {
  std::unique_ptr<GrpcPort> port(new GrpcPort(access, std::move(policy), parts));
  auto server = GrpcServer::Start(
      config, {&port->telemetry_, &port->fleet_, &port->uploads_, &port->dumps_, &port->alerts_});
  if (!server) return server.error();
  port->server_ = std::move(*server);
  return port;
}

}  // namespace edgefeed
