#include "collector/rpc/grpc_server.h"

#include <grpc/support/time.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "common/rpc/credentials.h"
#include "common/rpc/grpc_process.h"
#include "common/runtime/descriptors.h"

namespace edgefeed {
namespace {

constexpr int kKeepaliveTimeoutMs = 20'000;

// What a connection of gRPC's own listener has: small answers leave at once, and what nobody
// acknowledges breaks it.
void Prepare(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kKeepaliveTimeoutMs,
               sizeof kKeepaliveTimeoutMs);
}

void SetChannelArguments(grpc::ServerBuilder& builder, const GrpcServerConfig& config) {
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             static_cast<int>(config.streams_per_connection));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             static_cast<int>(config.idle.count()));
  // Who connects and then says nothing, in TLS or in HTTP/2, is gone after this.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  // A payload a second would be answered by a bandwidth probe each: a third of the CPU. The probe
  // is what widens the window for uploads, so these get a fixed one.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 512 << 10);
  // Finds clients that vanished without a word, but for the feeds that promise to speak: those are
  // watched by their sessions, so that an idle metered link carries no pings of ours. A client may
  // ask as often as every 10 s.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 600'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

}  // namespace

Result<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerConfig& config,
                                                      const std::vector<grpc::Service*>& services,
                                                      CollectorStats& stats) {
  PrepareGrpc();
  const bool believes_clients = config.tls && !config.tls->Get()->ca.empty();
  const auto credentials = ServerCredentials(
      config.tls, believes_clients ? config.client_certificates : ClientCertificates::kNone,
      config.chain);
  // Process-wide, and must come before the builder.
  grpc::EnableDefaultHealthCheckService(true);
  static const bool reflection = (grpc::reflection::InitProtoReflectionServerBuilderPlugin(), true);
  static_cast<void>(reflection);

  std::unique_ptr<GrpcServer> server(new GrpcServer(config, stats));
  grpc::ServerBuilder builder;
  SetChannelArguments(builder, config);
  server->acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
  for (grpc::Service* service : services) builder.RegisterService(service);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) return Error{Code::kInternal, "gRPC: the server does not start"};
  if (const Status listens = server->Listen(); !listens) return listens.error();
  return server;
}

GrpcServer::GrpcServer(const GrpcServerConfig& config, CollectorStats& stats)
    : stats_(stats), listening_(config.listen), gate_(config.limits, CountOpenDescriptors) {}

Status GrpcServer::Listen() {
  auto listener = TcpListener::Start(strand_, listening_,
                                     [this](TcpPeer peer) { return Admit(std::move(peer)); });
  if (!listener) {
    return Error{Code::kUnavailable, "listen: cannot listen on " + listener.error().message +
                                         "; is another program using it? (ss -ltnp)"};
  }
  listener_ = std::move(*listener);
  listening_.port = listener_->port();
  return {};
}

std::chrono::milliseconds GrpcServer::Admit(TcpPeer peer) {
  const SteadyTime now = strand_.Now();
  const ConnectionGate::Verdict verdict = gate_.Ask(now, peer.source);
  if (verdict != ConnectionGate::Verdict::kLetIn) {
    ++stats_.connections_refused.at(static_cast<std::size_t>(verdict));
    return {};
  }
  ++stats_.connections_accepted;
  Prepare(peer.socket.get());
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.fd = peer.socket.Release();
  acceptor_->HandleNewConnection(&connection);
  return std::chrono::ceil<std::chrono::milliseconds>(gate_.Pause(now));
}

GrpcServer::~GrpcServer() = default;

void GrpcServer::AnnounceDrain() { server_->GetHealthCheckService()->SetServingStatus(false); }

void GrpcServer::Shutdown(std::chrono::milliseconds grace) {
  listener_.reset();
  server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                 gpr_time_from_millis(grace.count(), GPR_TIMESPAN)));
  server_->Wait();
}

}  // namespace edgefeed
