#include "agent/app/commands.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "agent/app/capture_command.h"
#include "agent/app/enrol_command.h"
#include "agent/app/estimate_command.h"
#include "agent/app/note_shutdown_command.h"
#include "agent/app/outbox_command.h"
#include "agent/app/status_command.h"

namespace edgefeed {
namespace {

struct NamedCommand {
  std::string_view name;  // A word comes first; a flag may stand anywhere.
  std::string_view help;
  ExitCode (*run)(int argc, const char* const* argv);
};

constexpr std::array kCommands = {
    NamedCommand{"--estimate", "Say how many bytes a day the configuration will cost", RunEstimate},
    NamedCommand{"capture", "Have the kernel hand over the cores of crashing processes",
                 RunCaptureCommand},
    NamedCommand{"enrol", "Get this device its certificate, with a token", RunEnrolCommand},
    NamedCommand{"note-shutdown",
                 "Note, for the next boot, that this machine goes down in good order",
                 RunNoteShutdownCommand},
    NamedCommand{"outbox", "Look into the samples that wait on disk", RunOutboxCommand},
    NamedCommand{"renew", "Renew this device's certificate, if it is time", RunRenewCommand},
    NamedCommand{"status", "Ask the running agent: connected or why not, and what to do",
                 RunStatusCommand},
};

bool AsksFor(const NamedCommand& command, std::span<const char* const> arguments) {
  const std::size_t places =
      command.name.starts_with('-') ? arguments.size() : std::min<std::size_t>(arguments.size(), 1);
  return std::ranges::any_of(arguments.first(places),
                             [&](const char* argument) { return argument == command.name; });
}

}  // namespace

std::optional<ExitCode> RunCommand(int argc, const char* const* argv) {
  const std::span<const char* const> arguments(argv + 1, argc > 0 ? argc - 1 : 0);
  const auto* const command = std::ranges::find_if(
      kCommands, [&](const NamedCommand& candidate) { return AsksFor(candidate, arguments); });
  if (command == kCommands.end()) return std::nullopt;
  return command->run(argc, argv);
}

std::string CommandsHelp() {
  std::string help;
  for (const NamedCommand& command : kCommands) {
    help += fmt::format("  {:<26}{}\n", command.name, command.help);
  }
  return help + "  (each with --help)\n";
}

}  // namespace edgefeed
