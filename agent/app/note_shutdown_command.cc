#include "agent/app/note_shutdown_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "agent/app/config.h"
#include "agent/boot/boot_files.h"
#include "agent/proc/device_identity.h"
#include "common/base/clock.h"

namespace edgefeed {
namespace {

struct NoteShutdownOptions {
  std::filesystem::path config = kDefaultAgentConfig;
  bool expect = false;
};

ExitCode Run(const NoteShutdownOptions& options) {
  const auto config = LoadAgentConfig(options.config, ProcessEnvironment());
  if (!config) {
    std::cerr << config.error().message << '\n';
    return kExitBadConfig;
  }
  const BootFiles files(config->state_dir / "boot");
  const LifeMark now{.boot_id = ReadDeviceIdentity({}, "/etc/os-release").boot_id,
                     .since_boot = SystemClock().SinceBoot()};
  // Whoever notes one will note the next.
  Status noted = files.ExpectShutdownNotes();
  if (noted && !options.expect) noted = files.WriteShutdown(now);
  if (noted) return kExitDone;
  std::cerr << "edgefeed-agent: " << noted.error().message << '\n';
  return kExitFailed;
}

}  // namespace

ExitCode RunNoteShutdownCommand(int argc, const char* const* argv) {
  NoteShutdownOptions options;
  CLI::App cli(
      "Notes that this machine goes down in good order, so that the agent can tell it from a power "
      "cut\n"
      "after the next boot. edgefeed-agent-shutdown.service calls it; with another init its "
      "shutdown\n"
      "script does.",
      "edgefeed-agent note-shutdown");
  cli.add_option("--config", options.config, "The agent's configuration")->capture_default_str();
  cli.add_flag("--expect", options.expect,
               "At boot: from now on a shutdown will be noted, so one that is not was none");
  try {
    cli.parse(argc - 1, argv + 1);  // Without the program: the command is its name.
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return Run(options);
}

}  // namespace edgefeed
