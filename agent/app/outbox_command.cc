#include "agent/app/outbox_command.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "agent/outbox/inspect.h"

namespace edgefeed {
namespace {

ExitCode Told(const Status& status) {
  if (status) return kExitDone;
  std::cerr << "edgefeed-agent: " << status.error().message << '\n';
  return kExitFailed;
}

ExitCode Verify(const std::filesystem::path& directory) {
  const auto damage = VerifyOutbox(directory, std::cout);
  if (!damage) return Told(damage.error());
  return damage->records == 0 ? kExitDone : kExitFailed;
}

}  // namespace

ExitCode RunOutboxCommand(int argc, const char* const* argv) {
  std::filesystem::path directory = "/var/lib/edgefeed-agent/outbox";
  bool json = false;
  CLI::App cli("Looks into the samples that wait on disk. Reads only.", "edgefeed-agent outbox");
  cli.require_subcommand(1);
  CLI::App* ls = cli.add_subcommand("ls", "A line for each file, oldest first");
  CLI::App* verify = cli.add_subcommand("verify", "Read everything; 1 when something is damaged");
  CLI::App* all = cli.add_subcommand("export", "Every reading, as CSV");
  all->add_flag("--json", json, "One JSON object a line instead");
  for (CLI::App* command : {ls, verify, all}) {
    command->add_option("DIR", directory, "outbox/ in the agent's state_dir")
        ->capture_default_str();
  }
  try {
    cli.parse(argc - 1, argv + 1);  // Without the program: the command is its name.
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  if (ls->parsed()) return Told(ListOutbox(directory, std::cout));
  if (verify->parsed()) return Verify(directory);
  return Told(
      ExportOutbox(directory, json ? ExportFormat::kJsonLines : ExportFormat::kCsv, std::cout));
}

}  // namespace edgefeed
