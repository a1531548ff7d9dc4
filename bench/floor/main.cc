// bench-floor: a bare server of the collector's contract, set up as the collector sets up its own.
// Prints its port as JSON and serves until SIGTERM.
#include <grpc/grpc.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "bench/floor/service.h"
#include "bench/floor/upload_service.h"
#include "bench/support/json_line.h"
#include "common/base/result.h"
#include "common/runtime/signals.h"

namespace edgefeed::bench {
namespace {

struct Options {
  std::string listen = "127.0.0.1:0";
  int bdp_probe = 0;
};

void AddOptions(CLI::App& app, Options& options) {
  app.add_option("--listen", options.listen, "Address, host:port; port 0 picks one")
      ->capture_default_str();
  app.add_option("--bdp-probe", options.bdp_probe, "1: gRPC probes the connections, its default")
      ->capture_default_str()
      ->check(CLI::Range(0, 1));
}

Status Serve(const Options& options) {
  FloorService service;
  FloorUploadService uploads;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, options.bdp_probe);
  // Or a second server on the port would silently take half of the devices.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 512 << 10);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.RegisterService(&service);
  builder.RegisterService(&uploads);
  const auto server = builder.BuildAndStart();
  if (!server) return Error{Code::kUnavailable, options.listen + ": cannot listen"};
  JsonLine().Add("port", port).Print();

  while (WaitForSignal() != Signal::kTerminate) {
  }
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return {};
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) {
  CLI::App app("Serves the collector's contract and does nothing.", "bench-floor");
  edgefeed::bench::Options options;
  edgefeed::bench::AddOptions(app, options);
  CLI11_PARSE(app, argc, argv);
  edgefeed::BlockSignals();
  if (const auto status = edgefeed::bench::Serve(options); !status) {
    std::fprintf(stderr, "bench-floor: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
