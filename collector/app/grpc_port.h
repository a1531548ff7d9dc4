#pragma once

#include <memory>
#include <utility>

#include "collector/rpc/alert_service.h"
#include "collector/rpc/call_gate.h"
#include "collector/rpc/dump_service.h"
#include "collector/rpc/fleet_service.h"
#include "collector/rpc/grpc_server.h"
#include "collector/rpc/telemetry_service.h"
#include "collector/rpc/upload_service.h"
#include "common/base/result.h"

namespace edgefeed {

// What the services of a port work with.
struct ServiceParts {
  Shards& shards;
  FleetReader& fleet;
  TelemetryLimits limits;
  CollectorStats& stats;
  HistoryAccess history;
  BackupAccess backup;
  UploadAccess uploads;
  DumpAccess dumps;
  AlertAccess alerts;
};

// A port with services of its own, so that each call is judged by what its port wants.
class GrpcPort {
 public:
  // `access`, and what the parts refer to, must outlive it.
  static Result<std::unique_ptr<GrpcPort>> Start(Access& access, PortPolicy policy,
                                                 const GrpcServerConfig& config,
                                                 const ServiceParts& parts);
  // When what its calls have posted has run.
  ~GrpcPort() = default;
  GrpcPort(const GrpcPort&) = delete;
  GrpcPort& operator=(const GrpcPort&) = delete;

  GrpcServer& server() { return *server_; }

 private:
  GrpcPort(Access& access, PortPolicy policy, const ServiceParts& parts);

  const CallGate gate_;
  TelemetryServiceImpl telemetry_;
  FleetServiceImpl fleet_;
  UploadServiceImpl uploads_;
  DumpServiceImpl dumps_;
  AlertServiceImpl alerts_;
  std::unique_ptr<GrpcServer> server_;
};

}  // namespace edgefeed
