// bench-load: a fleet of devices on real gRPC connections. Prints one JSON line: what it sent, what
// came back and how fast, and what that cost the server.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "bench/load/fleet.h"
#include "bench/load/options.h"
#include "bench/support/json_line.h"
#include "bench/support/measurement.h"

namespace edgefeed::bench {
namespace {

void Report(FeedTotals& totals, const Measurement& measurement) {
  JsonLine line;
  line.Add("connected", totals.opened + totals.refused - totals.ended)
      .Add("payloads", totals.payloads)
      .Add("payloads_per_second",
           static_cast<double>(totals.payloads) / measurement.elapsed().count())
      .Add("missed", totals.missed)
      .Add("alerts", totals.alerts)
      .Add("acks", totals.acks)
      .Add("stored_samples_per_second",
           static_cast<double>(totals.stored) / measurement.elapsed().count())
      .Add("errors", totals.errors)
      .Add("first_error", totals.first_error)
      .Add("round_trip_p50_us", totals.round_trips.Microseconds(0.5))
      .Add("round_trip_p99_us", totals.round_trips.Microseconds(0.99))
      .Add("round_trip_p999_us", totals.round_trips.Microseconds(0.999))
      .Add("round_trip_max_us", totals.round_trips.Microseconds(1));
  measurement.Report(line);
  line.Print();
}

Status Run(const LoadOptions& options) {
  auto measurement = Measurement::Create(options.server_pid);
  if (!measurement) return measurement.error();
  const auto created = Fleet::Create(options);
  if (!created) return created.error();
  Fleet& fleet = **created;
  if (!fleet.Connect()) {
    return Error{Code::kDeadlineExceeded, "only " + std::to_string(fleet.totals().opened) + " of " +
                                              std::to_string(options.devices) + " feeds opened"};
  }
  fleet.StartSending();
  fleet.Run(options.warmup);
  std::fprintf(stderr, "bench-load: %zu feeds open\n", fleet.totals().opened);

  fleet.totals().BeginWindow();
  if (auto status = measurement->Begin(); !status) return status;
  fleet.Run(options.duration);
  if (auto status = measurement->End(); !status) return status;

  Report(fleet.totals(), *measurement);
  fleet.Disconnect();
  return {};
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) {
  CLI::App app("Plays a fleet of devices against a collector and measures both.", "bench-load");
  edgefeed::bench::LoadOptions options;
  AddOptions(app, options);
  CLI11_PARSE(app, argc, argv);
  if (const auto status = edgefeed::bench::Run(options); !status) {
    std::fprintf(stderr, "bench-load: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
