#include "common/cli/daemon_options.h"

#include <CLI/CLI.hpp>

namespace edgefeed {

std::variant<DaemonOptions, ExitCode> ParseDaemonOptions(int argc, const char* const* argv,
                                                         const DaemonAbout& about) {
  DaemonOptions options{.config = about.default_config, .check_only = false};
  CLI::App cli(about.summary, about.program);
  cli.set_version_flag("--version", about.program + " " + EDGEFEED_VERSION);
  cli.add_option("-c,--config", options.config, "Configuration file (YAML)")
      ->type_name("FILE")
      ->capture_default_str();
  cli.add_flag("--check", options.check_only,
               "Validate the configuration, say what is wrong, exit");
  cli.footer((about.commands.empty() ? "" : "Instead of running:\n" + about.commands + "\n") +
             "Signals: SIGTERM and SIGINT end it cleanly, SIGHUP reloads the configuration.\n"
             "Exit status: 0 done, 1 failed, 2 wrong usage, 78 bad configuration.");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return options;
}

}  // namespace edgefeed
