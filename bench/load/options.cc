#include "bench/load/options.h"

#include "bench/support/options.h"

namespace edgefeed::bench {

void AddOptions(CLI::App& app, LoadOptions& options) {
  app.add_option("--target", options.target, "Server, host:port")->required();
  app.add_option("--devices", options.devices, "How many devices")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--connections", options.connections, "How many they share (default: one each)");
  app.add_option("--name-prefix", options.name_prefix, "Devices are called this and a number")
      ->capture_default_str();
  app.add_option("--ca", options.ca, "TLS; whom to believe (PEM)");
  app.add_option("--certificates", options.certificates,
                 "mTLS; what bench-certificates has made, a certificate for each device");
  const auto set_rate = [&options](double rate_hz) {
    options.rate_hz = rate_hz;
    options.feed.pacing = rate_hz == 0 ? Pacing::kClosedLoop : Pacing::kOnSchedule;
  };
  app.add_option_function<double>("--rate", set_rate,
                                  "Payloads a second of each device; 0: the next one when the last "
                                  "is written and its alert is back")
      ->default_str("1")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--alerts-every", options.feed.alerts_every,
                 "Each n-th payload of a device is over the threshold; 0: none")
      ->capture_default_str();
  app.add_option("--readings", options.feed.readings,
                 "Readings beside the original fields; 0: an original client")
      ->capture_default_str();
  app.add_option("--backlog", options.feed.backlog,
                 "Samples of each payload, as of an agent that was offline; 0: one of now")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
  AddDuration(app, "--connect-timeout", options.connect_timeout, "For all feeds to open");
  AddDuration(app, "--warmup", options.warmup, "Sending before the window");
  AddDuration(app, "--duration", options.duration, "The window");
  app.add_option("--server-pid", options.server_pid, "Process whose CPU and memory to measure");
}

}  // namespace edgefeed::bench
