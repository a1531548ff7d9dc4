#include "agent/app/status_command.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string_view>

#include "agent/app/config.h"
#include "agent/status/render.h"
#include "common/runtime/answer_socket.h"

namespace edgefeed {
namespace {

constexpr std::chrono::seconds kPatience{5};

struct StatusOptions {
  std::filesystem::path config = kDefaultAgentConfig;
  std::filesystem::path socket;
  bool json = false;
};

bool WantsColour() {
  // NOLINTBEGIN(concurrency-mt-unsafe): nobody sets them.
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  // NOLINTEND(concurrency-mt-unsafe)
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return no_colour == nullptr && !is_dumb && ::isatty(STDOUT_FILENO) == 1;
}

// What to do when nobody answers.
std::string Explain(const Error& error, const std::filesystem::path& socket) {
  switch (error.code) {
    case Code::kNotFound:
      return "no agent answers at " + socket.string() +
             ": is it running? systemctl status edgefeed-agent";
    case Code::kPermissionDenied:
      return socket.string() +
             " may not be opened: ask as root, or as a member of the agent's group";
    case Code::kDeadlineExceeded:
      return "the agent at " + socket.string() +
             " hangs: no answer within 5 s; journalctl -u edgefeed-agent says more";
    default: return error.message;
  }
}

ExitCode Ask(const StatusOptions& options) {
  const std::filesystem::path socket = options.socket.empty()
                                           ? StatusSocketOf(options.config, ProcessEnvironment())
                                           : options.socket;
  if (socket.empty()) {
    std::cerr << "edgefeed-agent: " << options.config.string()
              << ": status.socket is empty: the agent answers nowhere\n";
    return kExitFailed;
  }
  const auto answer = AskSocket(socket, kPatience);
  if (!answer) {
    std::cerr << "edgefeed-agent: " << Explain(answer.error(), socket) << '\n';
    return kExitFailed;
  }
  const ReceivedStatus status = ParseStatusAnswer(*answer);
  if (options.json) {
    std::cout << status.json << '\n';
  } else if (WantsColour()) {
    std::cout << InColour(status.text);
  } else {
    std::cout << status.text;
  }
  return status.is_healthy ? kExitDone : kExitFailed;
}

}  // namespace

ExitCode RunStatusCommand(int argc, const char* const* argv) {
  StatusOptions options;
  CLI::App cli(
      "Asks the agent that runs here: connected or why not and what to do about it, what waits, "
      "what "
      "it costs.\nExit status: 0 when it is connected and takes samples, 1 when not or when no "
      "agent "
      "answers, 2 for wrong usage.",
      "edgefeed-agent status");
  cli.add_option("-c,--config", options.config,
                 "The agent's configuration, which says where to ask")
      ->type_name("FILE")
      ->capture_default_str();
  cli.add_option("--socket", options.socket, "Ask there, whatever the configuration says")
      ->type_name("PATH");
  cli.add_flag("--json", options.json, "One JSON object on one line, for programs");
  try {
    cli.parse(argc - 1, argv + 1);  // Without the program: the command is its name.
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return Ask(options);
}

}  // namespace edgefeed
