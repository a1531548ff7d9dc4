// bench-readers: clients that follow one device, by subscription or by polling. Prints one JSON
// line: how many updates they got and what that cost the server.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "bench/readers/http_pollers.h"
#include "bench/readers/snapshot_pollers.h"
#include "bench/readers/subscribers.h"
#include "bench/support/json_line.h"
#include "bench/support/measurement.h"
#include "bench/support/options.h"

namespace edgefeed::bench {
namespace {

using std::chrono::milliseconds;

struct Options {
  std::string mode;
  ReadersOptions readers;
  milliseconds connect_timeout{60'000};
  milliseconds warmup{2000};
  milliseconds duration{10'000};
  pid_t server_pid = 0;  // 0: none.
};

void AddOptions(CLI::App& app, Options& options) {
  app.add_option("--mode", options.mode, "How they read")
      ->required()
      ->check(CLI::IsMember({"subscribe", "poll-grpc", "poll-http"}));
  app.add_option("--target", options.readers.target, "Server, host:port")->required();
  app.add_option("--readers", options.readers.readers, "How many readers")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--device", options.readers.device, "Whom they follow")->capture_default_str();
  app.add_option("--path", options.readers.path, "What poll-http GETs")->capture_default_str();
  AddDuration(app, "--interval", options.readers.interval, "Between polls, or asked of Subscribe");
  AddDuration(app, "--connect-timeout", options.connect_timeout, "For every reader's first answer");
  AddDuration(app, "--warmup", options.warmup, "Reading before the window");
  AddDuration(app, "--duration", options.duration, "The window");
  app.add_option("--server-pid", options.server_pid, "Process whose CPU and memory to measure");
}

Result<std::unique_ptr<Readers>> MakeReaders(const Options& options) {
  if (options.mode == "subscribe") return {std::make_unique<Subscribers>(options.readers)};
  if (options.mode == "poll-grpc") return {std::make_unique<SnapshotPollers>(options.readers)};
  auto pollers = HttpPollers::Create(options.readers);
  if (!pollers) return pollers.error();
  return {*std::move(pollers)};
}

Status Run(const Options& options) {
  auto measurement = Measurement::Create(options.server_pid);
  if (!measurement) return measurement.error();
  auto readers = MakeReaders(options);
  if (!readers) return readers.error();
  if (auto status = (*readers)->Connect(options.connect_timeout); !status) return status;
  (*readers)->Run(options.warmup);

  const auto before = (*readers)->totals();
  if (auto status = measurement->Begin(); !status) return status;
  (*readers)->Run(options.duration);
  if (auto status = measurement->End(); !status) return status;

  const auto& totals = (*readers)->totals();
  JsonLine line;
  line.Add("connected", totals.connected)
      .Add("updates", totals.updates - before.updates)
      .Add("errors", totals.errors);
  measurement->Report(line);
  line.Print();
  return {};
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) {
  CLI::App app("Plays clients that follow one device and measures the server.", "bench-readers");
  edgefeed::bench::Options options;
  edgefeed::bench::AddOptions(app, options);
  CLI11_PARSE(app, argc, argv);
  if (const auto status = edgefeed::bench::Run(options); !status) {
    std::fprintf(stderr, "bench-readers: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
