// bench-handshakes: connections one after another, each with one call that answers at once. What
// that costs both sides, without TLS, with whole handshakes, or with TLS sessions that are resumed.
// Prints one JSON line.

#include <grpc/grpc_security_constants.h>
#include <grpcpp/grpcpp.h>
#include <sys/types.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "bench/support/certificates.h"
#include "bench/support/json_line.h"
#include "bench/support/measurement.h"
#include "common/pki/tls_material.h"
#include "common/rpc/tls_sessions.h"
#include "telemetry.grpc.pb.h"

namespace edgefeed::bench {
namespace {

struct Options {
  std::string target;
  std::string certificates;  // Empty: plaintext.
  bool resume = false;
  std::size_t warmup = 20;
  std::size_t count = 500;
  pid_t server_pid = 0;
};

class Connections {
 public:
  // `tls` null: plaintext.
  Connections(const Options& options, const std::shared_ptr<const TlsPem>& tls)
      : options_(options), credentials_(ClientCredentials(tls.get())) {
    arguments_.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    if (options.resume) sessions_.AddTo(arguments_, tls);
  }

  // Nobody has a device of this name: that is the answer.
  Status MakeOne() {
    const auto channel = grpc::CreateCustomChannel(options_.target, credentials_, arguments_);
    grpc::ClientContext context;
    telemetry::MetricsRequest request;
    request.set_service_name("nobody");
    telemetry::MetricsResponse response;
    const auto stub = telemetry::TelemetryService::NewStub(channel);
    const grpc::Status status = stub->GetSnapshot(&context, request, &response);
    if (status.error_code() != grpc::StatusCode::NOT_FOUND) {
      return Error{Code::kInternal,
                   "answer " + std::to_string(status.error_code()) + ": " + status.error_message()};
    }
    const auto reused =
        context.auth_context()->FindPropertyValues(GRPC_SSL_SESSION_REUSED_PROPERTY);
    if (!reused.empty() && reused.front() == "true") ++resumed_;
    return {};
  }
  Status Make(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (Status made = MakeOne(); !made) return made;
    }
    return {};
  }

  [[nodiscard]] std::size_t resumed() const { return resumed_; }

 private:
  const Options& options_;
  const std::shared_ptr<grpc::ChannelCredentials> credentials_;
  grpc::ChannelArguments arguments_;
  TlsSessions sessions_;
  std::size_t resumed_ = 0;
};

Status Run(const Options& options) {
  std::shared_ptr<const TlsPem> tls;
  if (!options.certificates.empty()) {
    const auto read = ReadTlsMaterial(FilesOf(options.certificates, "viewer"));
    if (!read) return read.error();
    tls = std::make_shared<const TlsPem>(read->pem);
  }
  Connections connections(options, tls);
  if (Status warm = connections.Make(options.warmup); !warm) return warm;
  const std::size_t resumed_before = connections.resumed();
  auto measurement = Measurement::Create(options.server_pid);
  if (!measurement) return measurement.error();
  if (Status begun = measurement->Begin(); !begun) return begun;
  if (Status made = connections.Make(options.count); !made) return made;
  if (Status ended = measurement->End(); !ended) return ended;
  JsonLine line;
  line.Add("connections", options.count).Add("resumed", connections.resumed() - resumed_before);
  measurement->Report(line);
  line.Print();
  return {};
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) {
  CLI::App app("Measures what connections cost.", "bench-handshakes");
  edgefeed::bench::Options options;
  app.add_option("--target", options.target, "Collector, host:port")->required();
  app.add_option("--certificates", options.certificates,
                 "mTLS; what bench-certificates has made. Without: plaintext");
  app.add_flag("--resume", options.resume, "Resume TLS sessions");
  app.add_option("--warmup", options.warmup, "Connections before the window")
      ->capture_default_str();
  app.add_option("--count", options.count, "Connections in the window")->capture_default_str();
  app.add_option("--server-pid", options.server_pid, "Process whose CPU to measure");
  CLI11_PARSE(app, argc, argv);
  if (const auto status = edgefeed::bench::Run(options); !status) {
    std::fprintf(stderr, "bench-handshakes: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
