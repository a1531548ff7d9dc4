#include "collector/rpc/grpc_server.h"

#include <grpc/support/time.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include "common/rpc/credentials.h"
#include "common/rpc/grpc_process.h"

namespace edgefeed {
namespace {

void SetChannelArguments(grpc::ServerBuilder& builder) {
  // Two collectors on one port would share the agents between them, unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A payload a second would be answered by a bandwidth probe each: a third of the CPU. The probe
  // is what widens the window for uploads, so these get a fixed one.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 512 << 10);
  // Finds clients that vanished without a word, but for the feeds that promise to speak: those are
  // watched by their sessions, so that an idle metered link carries no pings of ours. A client may
  // ask as often as every 10 s.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 600'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

}  // namespace

Result<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerConfig& config,
                                                      const std::vector<grpc::Service*>& services) {
  PrepareGrpc();
  const bool believes_clients = config.tls && !config.tls->Get()->ca.empty();
  const auto credentials = ServerCredentials(
      config.tls, believes_clients ? ClientCertificates::kRequired : ClientCertificates::kNone);
  // Process-wide, and must come before the builder.
  grpc::EnableDefaultHealthCheckService(true);
  static const bool reflection = (grpc::reflection::InitProtoReflectionServerBuilderPlugin(), true);
  static_cast<void>(reflection);

  grpc::ServerBuilder builder;
  SetChannelArguments(builder);
  int port = 0;
  builder.AddListeningPort(ToString(config.listen), credentials, &port);
  for (grpc::Service* service : services) builder.RegisterService(service);

  std::unique_ptr<GrpcServer> server(new GrpcServer());
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || port == 0) {
    return Error{Code::kUnavailable, "listen: cannot listen on " + ToString(config.listen) +
                                         "; is another program using it? (ss -ltnp)"};
  }
  server->listening_ = {config.listen.host, static_cast<std::uint16_t>(port)};
  return server;
}

GrpcServer::~GrpcServer() = default;

void GrpcServer::AnnounceDrain() { server_->GetHealthCheckService()->SetServingStatus(false); }

void GrpcServer::Shutdown(std::chrono::milliseconds grace) {
  server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                 gpr_time_from_millis(grace.count(), GPR_TIMESPAN)));
  server_->Wait();
}

}  // namespace edgefeed
