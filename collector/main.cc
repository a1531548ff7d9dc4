// edgefeed-collector: takes the feeds of a fleet, checks rules, serves the newest state.

#include <spdlog/spdlog.h>

#include <iostream>
#include <memory>
#include <variant>

#include "collector/app/app.h"
#include "collector/app/config.h"
#include "collector/app/verify_command.h"
#include "common/cli/daemon_options.h"
#include "common/log/log.h"
#include "common/runtime/signals.h"

namespace edgefeed {
namespace {

int Main(int argc, const char* const* argv) {
  if (const auto exit_code = RunVerifyCommand(argc, argv)) return *exit_code;
  const auto parsed = ParseDaemonOptions(
      argc, argv,
      {.program = "edgefeed-collector",
       .summary = "Takes telemetry feeds of devices, checks rules, serves the newest state. "
                  "`edgefeed-collector verify` checks the history.",
       .default_config = "/etc/edgefeed/collector.yaml"});
  if (const auto* exit_code = std::get_if<ExitCode>(&parsed)) return *exit_code;
  const auto& options = std::get<DaemonOptions>(parsed);
  auto config = LoadCollectorConfig(options.config, ProcessEnvironment());
  if (!config) {
    std::cerr << config.error().message << '\n';
    return kExitBadConfig;
  }
  if (options.check_only) {
    std::cout << options.config.string() << ": ok\n";
    return kExitDone;
  }
  BlockSignals();
  SetUpLog(config->log_level);
  auto app = CollectorApp::Start(*config);
  if (!app) {
    spdlog::critical("{}", app.error().message);
    return kExitFailed;
  }
  while (WaitForSignal() == Signal::kReload) {
    if (auto fresh = LoadCollectorConfig(options.config, ProcessEnvironment())) {
      (*app)->Reload(*fresh);
    } else {
      spdlog::error("configuration not reloaded, the old one stays:\n{}", fresh.error().message);
    }
  }
  (*app)->Stop();
  return kExitDone;
}

}  // namespace
}  // namespace edgefeed

int main(int argc, char** argv) { return edgefeed::Main(argc, argv); }
