// bench-json: one device's numbers as JSON over HTTP/1.1. Prints its port as JSON and serves until
// it is killed.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "bench/json/server.h"
#include "bench/support/json_line.h"
#include "common/base/endpoint.h"

namespace edgefeed::bench {
namespace {

Status Serve(const std::string& listen) {
  const auto endpoint = ParseEndpoint(listen);
  if (!endpoint) return endpoint.error();
  auto server = JsonServer::Listen(*endpoint);
  if (!server) return server.error();
  JsonLine().Add("port", server->port()).Print();
  server->Serve();
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) {
  CLI::App app("Serves one device's numbers as JSON over HTTP/1.1 keep-alive.", "bench-json");
  std::string listen = "127.0.0.1:0";
  app.add_option("--listen", listen, "Address, host:port; port 0 picks one")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (const auto status = edgefeed::bench::Serve(listen); !status) {
    std::fprintf(stderr, "bench-json: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
