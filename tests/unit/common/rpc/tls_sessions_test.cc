#include "common/rpc/tls_sessions.h"

#include <doctest/doctest.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/grpcpp.h>

#include "common/pki/tls_material.h"
#include "common/rpc/credentials.h"
#include "tests/support/test_authority.h"
#include "tests/unit/common/rpc/mirror.h"

namespace edgefeed {
namespace {

struct Rig {
  Rig() : server_tls(std::make_shared<SharedTls>(Pem("server", "IP:127.0.0.1"))) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0",
                             ServerCredentials(server_tls, ClientCertificates::kRequired), &port);
    builder.RegisterService(&mirror);
    server = builder.BuildAndStart();
    REQUIRE(server != nullptr);
  }
  ~Rig() { server->Shutdown(std::chrono::system_clock::now()); }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  [[nodiscard]] TlsPem Pem(const std::string& name, const std::string& names) const {
    const auto material = ReadTlsMaterial(authority.Issue(name, names));
    REQUIRE(material);
    return material->pem;
  }
  [[nodiscard]] std::shared_ptr<const TlsPem> Client(const std::string& name) const {
    return std::make_shared<const TlsPem>(Pem(name, "URI:edgefeed://device/" + name));
  }

  // On a new connection: who the server takes this for, and "again" when the session is resumed.
  std::string Connect(const std::shared_ptr<const TlsPem>& client) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    sessions.AddTo(arguments, client);
    const auto stub = telemetry::TelemetryService::NewStub(grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(port), ClientCredentials(client.get()), arguments));
    grpc::ClientContext context;
    telemetry::MetricsResponse response;
    const grpc::Status status = stub->GetSnapshot(&context, {}, &response);
    if (!status.ok()) return status.error_message();
    const auto reused =
        context.auth_context()->FindPropertyValues(GRPC_SSL_SESSION_REUSED_PROPERTY);
    const bool again = !reused.empty() && reused.front() == "true";
    return response.service_name() + (again ? " again" : "");
  }

  TestAuthority authority;
  Mirror mirror;
  std::shared_ptr<SharedTls> server_tls;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
  TlsSessions sessions;
};

TEST_CASE("who connects again resumes its session, and the server knows who it is") {
  Rig rig;
  const auto client = rig.Client("cam");
  CHECK(rig.Connect(client) == "cam");
  CHECK(rig.Connect(client) == "cam again");
  CHECK(rig.Connect(client) == "cam again");
}

TEST_CASE("with another certificate a client is another, and begins anew") {
  Rig rig;
  CHECK(rig.Connect(rig.Client("cam")) == "cam");
  const auto door = rig.Client("door");
  CHECK(rig.Connect(door) == "door");
  CHECK(rig.Connect(door) == "door again");
}

TEST_CASE("a server with other certificates resumes nothing of before") {
  Rig rig;
  const auto client = rig.Client("cam");
  CHECK(rig.Connect(client) == "cam");
  rig.server_tls->Set(rig.Pem("renewed", "IP:127.0.0.1"));
  CHECK(rig.Connect(client) == "cam");
  CHECK(rig.Connect(client) == "cam again");
}

TEST_CASE("plaintext has no sessions") {
  TlsSessions sessions;
  grpc::ChannelArguments arguments;
  sessions.AddTo(arguments, nullptr);
  CHECK(arguments.c_channel_args().num_args == grpc::ChannelArguments().c_channel_args().num_args);
}

}  // namespace
}  // namespace edgefeed
