// edgefeed-agent: samples this machine and feeds a collector.

#include <spdlog/spdlog.h>

#include <iostream>
#include <memory>
#include <variant>

#include "agent/app/app.h"
#include "agent/app/commands.h"
#include "agent/app/config.h"
#include "common/cli/daemon_options.h"
#include "common/log/log.h"
#include "common/runtime/signals.h"

namespace edgefeed {
namespace {

int Main(int argc, const char* const* argv) {
  if (const auto exit_code = RunCommand(argc, argv)) return *exit_code;
  const auto parsed = ParseDaemonOptions(
      argc, argv,
      {.program = "edgefeed-agent",
       .summary = "Samples this machine and feeds an Edgefeed collector; acts on its alerts.",
       .default_config = kDefaultAgentConfig,
       .commands = CommandsHelp()});
  if (const auto* exit_code = std::get_if<ExitCode>(&parsed)) return *exit_code;
  const auto& options = std::get<DaemonOptions>(parsed);
  auto config = LoadAgentConfig(options.config, ProcessEnvironment());
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
  auto app = AgentApp::Start(*config, options.config);
  if (!app) {
    spdlog::critical("{}", app.error().message);
    return kExitFailed;
  }
  while (WaitForSignal() == Signal::kReload) {
    (*app)->Reload(LoadAgentConfig(options.config, ProcessEnvironment()));
  }
  (*app)->Stop();
  return kExitDone;
}

}  // namespace
}  // namespace edgefeed
int main(int argc, char** argv) { return edgefeed::Main(argc, argv); }
