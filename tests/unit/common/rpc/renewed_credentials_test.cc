#include "common/rpc/renewed_credentials.h"

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>
#include <openssl/ssl.h>

#include "common/base/file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"
#include "tests/support/tls_client.h"
#include "tests/unit/common/rpc/mirror.h"

namespace edgefeed {
namespace {

// A server that the test gives other certificates while it runs.
class RenewedServer {
 public:
  explicit RenewedServer(ClientCertificates clients) : clients_(clients) {}
  ~RenewedServer() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
  }
  RenewedServer(const RenewedServer&) = delete;
  RenewedServer& operator=(const RenewedServer&) = delete;

  // A certificate for this address, which is its own authority.
  TlsFiles Make(const std::string& name) const {
    RunOpenssl(
        directory_.path(),
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" +
            name + " -addext subjectAltName=IP:127.0.0.1 -keyout " + name + ".key -out " + name +
            ".pem");
    const auto file = directory_.path() / name;
    return {.ca = file.string() + ".pem",
            .cert = file.string() + ".pem",
            .key = file.string() + ".key"};
  }

  static std::string Read(const std::filesystem::path& file) { return *ReadSmallFile(file); }

  // From now on it shows this certificate, and believes clients of these.
  void Use(const TlsFiles& own, const std::string& believed) {
    TlsPem pem{.ca = believed, .cert = Read(own.cert), .key = Read(own.key)};
    if (tls_) return tls_->Set(std::move(pem));
    tls_ = std::make_shared<SharedTls>(std::move(pem));
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", ServerCredentials(tls_, clients_), &port_);
    builder.RegisterService(&mirror_);
    server_ = builder.BuildAndStart();
    REQUIRE(server_ != nullptr);
  }

  // Which certificate a new connection is shown; "refused" if there is none.
  [[nodiscard]] std::string Shown(const TlsFiles& client = {}) const {
    const auto visit = Visit(port(), {.files = client});
    return visit ? visit->common_name : "refused";
  }
  [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }

  [[nodiscard]] std::unique_ptr<telemetry::TelemetryService::Stub> Connect(
      const TlsFiles& server, const TlsFiles& client) const {
    const auto credentials =
        ClientCredentials(TlsFiles{.ca = server.cert, .cert = client.cert, .key = client.key});
    REQUIRE(credentials);
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return telemetry::TelemetryService::NewStub(
        grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_), *credentials, arguments));
  }

 private:
  const ClientCertificates clients_;
  TempDir directory_;
  Mirror mirror_;
  std::shared_ptr<SharedTls> tls_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// Who the server takes the caller for; or why not.
std::string Ask(telemetry::TelemetryService::Stub& stub) {
  grpc::ClientContext context;
  telemetry::MetricsResponse response;
  const grpc::Status status = stub.GetSnapshot(&context, {}, &response);
  return status.ok() ? response.service_name() : "error: " + status.error_message();
}

TEST_CASE("new connections are shown what was renewed, and those that are there go on") {
  RenewedServer server(ClientCertificates::kNone);
  const TlsFiles first = server.Make("first");
  const TlsFiles second = server.Make("second");
  server.Use(first, "");
  const auto old_connection = server.Connect(first, {});
  CHECK(Ask(*old_connection).empty());
  CHECK(server.Shown() == "first");
  CHECK(server.Shown() == "first");

  server.Use(second, "");

  CHECK(server.Shown() == "second");
  CHECK(server.Shown() == "second");
  CHECK(Ask(*old_connection).empty());
  CHECK(Ask(*server.Connect(second, {})).empty());
  CHECK(Ask(*server.Connect(first, {})).starts_with("error: "));
}

TEST_CASE("whom a server believes is renewed too, and it knows who is there") {
  RenewedServer server(ClientCertificates::kRequired);
  const TlsFiles own = server.Make("server");
  const TlsFiles old_client = server.Make("old-client");
  const TlsFiles new_client = server.Make("new-client");
  const std::string old_ca = RenewedServer::Read(old_client.cert);
  const std::string new_ca = RenewedServer::Read(new_client.cert);

  server.Use(own, old_ca);
  const auto old_connection = server.Connect(own, old_client);
  CHECK(Ask(*old_connection) == "old-client");
  CHECK(Ask(*server.Connect(own, new_client)).starts_with("error: "));

  server.Use(own, old_ca + new_ca);
  CHECK(Ask(*server.Connect(own, old_client)) == "old-client");
  CHECK(Ask(*server.Connect(own, new_client)) == "new-client");

  server.Use(own, new_ca);
  CHECK(Ask(*server.Connect(own, old_client)).starts_with("error: "));
  CHECK(Ask(*server.Connect(own, new_client)) == "new-client");
  CHECK(Ask(*server.Connect(own, {})).starts_with("error: "));
  CHECK(Ask(*old_connection) == "old-client");
}

TEST_CASE("where certificates of clients are optional, one that is shown must be good") {
  RenewedServer server(ClientCertificates::kOptional);
  const TlsFiles own = server.Make("server");
  const TlsFiles client = server.Make("client");
  const TlsFiles stranger = server.Make("stranger");
  server.Use(own, RenewedServer::Read(client.cert));
  CHECK(Ask(*server.Connect(own, {})).empty());
  CHECK(Ask(*server.Connect(own, client)) == "client");
  CHECK(Ask(*server.Connect(own, stranger)).starts_with("error: "));
  CHECK(server.Shown(stranger) == "refused");
}

TEST_CASE("who must show a certificate is not let in where none is believed") {
  const RenewedServer made(ClientCertificates::kNone);
  const TlsFiles own = made.Make("server");
  const auto tls = std::make_shared<SharedTls>(
      TlsPem{.ca = {}, .cert = RenewedServer::Read(own.cert), .key = RenewedServer::Read(own.key)});
  Mirror mirror;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", ServerCredentials(tls, ClientCertificates::kRequired),
                           &port);
  builder.RegisterService(&mirror);
  CHECK(builder.BuildAndStart() == nullptr);
  CHECK(port == 0);
}

TEST_CASE("a session of a client that is not believed any more is not resumed") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    RenewedServer server(ClientCertificates::kRequired);
    const TlsFiles own = server.Make("server");
    const TlsFiles old_client = server.Make("old-client");
    const TlsFiles new_client = server.Make("new-client");
    server.Use(own, RenewedServer::Read(old_client.cert));
    const auto first = Visit(server.port(), {.files = old_client, .version = version});
    REQUIRE(first);
    const TlsVisitor again{.files = {}, .version = version, .session = first->session};
    const auto resumed = Visit(server.port(), again);
    REQUIRE(resumed);
    CHECK(resumed->resumed);

    server.Use(own, RenewedServer::Read(new_client.cert));

    CHECK_FALSE(Visit(server.port(), again));
    CHECK(Visit(server.port(), {.files = new_client, .version = version}));
  }
}

TEST_CASE("TLS 1.3 and 1.2 are spoken, the newer if both can, and none that is older") {
  RenewedServer server(ClientCertificates::kNone);
  server.Use(server.Make("server"), "");
  const auto version = [&](int asked) {
    const auto visit = Visit(server.port(), {.version = asked});
    return visit ? visit->version : "refused";
  };
  CHECK(version(0) == "TLSv1.3");
  CHECK(version(TLS1_3_VERSION) == "TLSv1.3");
  CHECK(version(TLS1_2_VERSION) == "TLSv1.2");
  CHECK(version(TLS1_1_VERSION) == "refused");
}

}  // namespace
}  // namespace edgefeed
