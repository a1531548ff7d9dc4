// Each trouble as gRPC words it: real connections to what is no good collector.
#include "agent/rpc/trouble.h"

#include <doctest/doctest.h>
#include <grpcpp/grpcpp.h>
#include <sys/socket.h>

#include <latch>
#include <optional>
#include <thread>

#include "agent/rpc/grpc_transport.h"
#include "common/base/clock.h"
#include "common/pki/tls_material.h"
#include "common/rpc/credentials.h"
#include "common/runtime/strand.h"
#include "fileupload.grpc.pb.h"
#include "telemetry.grpc.pb.h"
#include "tests/rpc/support/loopback_server.h"
#include "tests/support/free_port.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

namespace edgefeed {
namespace {

// Remembers how the connection ended.
struct Ending final : public ConnectionEvents {
  void OnAnswered(const Features& /*features*/) override {}
  void OnSent() override {}
  void OnReply(const FeedReply& /*reply*/) override {}
  void OnClosed(const Error& error, Trouble kind) override {
    why = error;
    trouble = kind;
    ended.count_down();
  }
  Error why;
  Trouble trouble = Trouble::kTcp;
  std::latch ended{1};
};

struct Attempt {
  std::string trouble;
  Error why;
};

// How an agent's connection to this address ends.
Attempt Try(const Endpoint& collector, const std::optional<TlsFiles>& tls = std::nullopt) {
  const SystemClock clock;
  const SeriesTable series(1);
  Strand strand("core", clock);
  std::shared_ptr<const SharedTls> shared;
  if (tls) {
    const auto material = ReadTlsMaterial(*tls);
    REQUIRE(material);
    shared = std::make_shared<SharedTls>(material->pem);
  }
  GrpcTransport transport(strand, {.device_name = "board-7", .info = {}}, series, shared,
                          GrpcTransport::kKeepalive);
  Ending ending;
  std::unique_ptr<Connection> connection;
  RunOn(strand, [&] { connection = transport.Open(collector, ending); });
  ending.ended.wait();
  std::latch idle(1);
  RunOn(strand, [&] {
    connection.reset();
    transport.WhenIdle([&] { idle.count_down(); });
  });
  idle.wait();
  return {std::string(TroubleName(ending.trouble)), ending.why};
}

bool Says(const Attempt& attempt, std::string_view text) {
  return attempt.why.message.find(text) != std::string::npos;
}

// Takes one connection after the other, says `words`, and hangs up, or waits until the other does.
class TcpServer {
 public:
  enum class Then { kHangUp, kWait };
  TcpServer(std::string words, Then then) : words_(std::move(words)), then_(then) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_.get(), 8) == 0);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TcpServer() {
    ::shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
  }
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", port_}; }

 private:
  void Serve() const {
    for (;;) {
      const UniqueFd client(::accept(fd_.get(), nullptr, nullptr));
      if (!client.valid()) return;
      static_cast<void>(::send(client.get(), words_.data(), words_.size(), MSG_NOSIGNAL));
      char byte = 0;
      while (then_ == Then::kWait && ::recv(client.get(), &byte, 1, 0) > 0) {
      }
    }
  }

  const std::string words_;
  const Then then_;
  const std::uint16_t port_ = FreePort();
  UniqueFd fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::thread thread_;
};

// A collector that refuses every feed with this status.
class RefusingCollector final : public telemetry::TelemetryService::CallbackService {
 public:
  // `pushback`: its grpc-retry-pushback-ms; empty: there is none.
  explicit RefusingCollector(grpc::Status status, std::string pushback = {})
      : status_(std::move(status)), pushback_(std::move(pushback)) {}
  grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse>* LiveFeed(
      grpc::CallbackServerContext* context) override {
    if (!pushback_.empty()) context->AddTrailingMetadata("grpc-retry-pushback-ms", pushback_);
    struct Refusal final
        : public grpc::ServerBidiReactor<telemetry::MetricsPayload, telemetry::AlertResponse> {
      void OnDone() override { delete this; }
    };
    auto* refusal = new Refusal;
    refusal->Finish(status_);
    return refusal;
  }

 private:
  const grpc::Status status_;
  const std::string pushback_;
};

TEST_CASE("a name without an address is dns") {
  CHECK(Try({"no-such-host.invalid", 50051}).trouble == "dns");
}

TEST_CASE("a port where nobody listens is tcp") {
  const Attempt attempt = Try({"127.0.0.1", FreePort()});
  CHECK(attempt.trouble == "tcp");
  CHECK(Says(attempt, "Connection refused"));
}

TEST_CASE("what speaks something else is protocol") {
  for (const std::string words :
       {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n"}) {
    CAPTURE(words);
    const TcpServer server(words, TcpServer::Then::kHangUp);
    CHECK(Try(server.endpoint()).trouble == "protocol");
  }
}

TEST_CASE("what hangs up at once is protocol, and perhaps TLS") {
  const TcpServer server("", TcpServer::Then::kHangUp);
  const Attempt attempt = Try(server.endpoint());
  CHECK(attempt.trouble == "protocol");
  CHECK(Says(attempt, "does it expect TLS?"));
}

TEST_CASE("what takes the connection and says nothing is silent, before the feed gives it up") {
  const TcpServer server("", TcpServer::Then::kWait);
  CHECK(Try(server.endpoint()).trouble == "silent");
}

TEST_CASE("a gRPC server of others is protocol") {
  fileupload::FileUploadService::CallbackService other;
  const LoopbackServer server(other);
  CHECK(Try(server.endpoint()).trouble == "protocol");
}

TEST_CASE("a collector that refuses says why; who may not come in is auth") {
  const std::pair<grpc::StatusCode, std::string> statuses[] = {
      {grpc::StatusCode::RESOURCE_EXHAUSTED, "refused"},
      {grpc::StatusCode::INVALID_ARGUMENT, "refused"},
      {grpc::StatusCode::UNAVAILABLE, "refused"},
      {grpc::StatusCode::UNAUTHENTICATED, "auth"},
      {grpc::StatusCode::PERMISSION_DENIED, "auth"}};
  for (const auto& [code, trouble] : statuses) {
    CAPTURE(code);
    RefusingCollector collector(grpc::Status(code, "not you: Socket closed"));
    const LoopbackServer server(collector);
    const Attempt attempt = Try(server.endpoint());
    CHECK(attempt.trouble == trouble);
    CHECK(attempt.why.message == "not you: Socket closed");
  }
}

TEST_CASE("a collector that refuses says when to come back, and what it says is bounded") {
  const auto wait = [](const std::string& pushback) {
    RefusingCollector collector(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full"),
                                pushback);
    const LoopbackServer server(collector);
    return Try(server.endpoint()).why.retry_after;
  };
  using std::chrono::milliseconds;
  CHECK(wait("") == milliseconds(0));
  CHECK(wait("7000") == milliseconds(7000));
  CHECK(wait("86400000") == std::chrono::minutes(10));
  CHECK(wait("-1") == milliseconds(0));
  CHECK(wait("later") == milliseconds(0));
}

struct TlsFixture {
  TlsFixture() {
    ca = MakeCertificate(directory.path(), "ca");
    other_ca = MakeCertificate(directory.path(), "other-ca");
    // Its own authority, and for this address.
    RunOpenssl(directory.path(),
               "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
               "/CN=server -addext subjectAltName=IP:127.0.0.1 -keyout server.key -out server.pem");
    server_files = {
        .ca = {}, .cert = directory.path() / "server.pem", .key = directory.path() / "server.key"};
  }

  Endpoint Serve(const TlsFiles& files) {
    const auto material = ReadTlsMaterial(files);
    REQUIRE(material);
    const auto credentials = ServerCredentials(
        std::make_shared<SharedTls>(material->pem),
        files.ca.empty() ? ClientCertificates::kNone : ClientCertificates::kRequired);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port);
    builder.RegisterService(&collector);
    server = builder.BuildAndStart();
    return {"127.0.0.1", static_cast<std::uint16_t>(port)};
  }
  ~TlsFixture() { server->Shutdown(std::chrono::system_clock::now()); }

  TempDir directory;
  TlsFiles ca;
  TlsFiles other_ca;
  TlsFiles server_files;
  RefusingCollector collector{grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full")};
  std::unique_ptr<grpc::Server> server;
};

TEST_CASE_FIXTURE(TlsFixture, "a collector that cannot be believed is tls") {
  const Endpoint endpoint = Serve(server_files);
  CHECK(Try(endpoint, TlsFiles{.ca = server_files.cert}).trouble == "refused");  // It is believed.
  const Attempt wrong_ca = Try(endpoint, TlsFiles{.ca = other_ca.cert});
  CHECK(wrong_ca.trouble == "tls");
  CHECK(Says(wrong_ca, "certificate verify failed"));
  const Attempt plaintext = Try(endpoint);
  CHECK(plaintext.trouble == "protocol");
  CHECK(Says(plaintext, "does it expect TLS?"));
}

TEST_CASE_FIXTURE(TlsFixture, "a certificate of another name is tls") {
  const Endpoint endpoint = Serve(ca);
  const Attempt attempt = Try(endpoint, TlsFiles{.ca = ca.cert});
  CHECK(attempt.trouble == "tls");
  CHECK(Says(attempt, "is not in peer certificate"));
}

TEST_CASE_FIXTURE(TlsFixture, "a client certificate that is missing, or not believed, is tls") {
  server_files.ca = ca.cert;
  const Endpoint endpoint = Serve(server_files);
  const Attempt missing = Try(endpoint, TlsFiles{.ca = server_files.cert});
  CHECK(missing.trouble == "tls");
  CHECK(Says(missing, "does it want a client certificate"));
  const Attempt stranger =
      Try(endpoint, TlsFiles{.ca = server_files.cert, .cert = other_ca.cert, .key = other_ca.key});
  CHECK(stranger.trouble == "tls");
  CHECK(Says(stranger, "does it believe tls.cert?"));
}

TEST_CASE_FIXTURE(TlsFixture, "TLS with what does not speak it is tls") {
  RefusingCollector plain(grpc::Status::OK);
  const LoopbackServer plaintext(plain);
  CHECK(Try(plaintext.endpoint(), TlsFiles{.ca = ca.cert}).trouble == "tls");
  Serve(server_files);
}

TEST_CASE("what was answered and then broke is tcp") {
  CallEnd end{.why = {Code::kUnavailable, "Socket closed"}, .answered = true, .uses_tls = true};
  CHECK(TroubleOf(end) == Trouble::kTcp);
  end.answered = false;
  CHECK(TroubleOf(end) == Trouble::kTls);
}

}  // namespace
}  // namespace edgefeed
