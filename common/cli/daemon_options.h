#pragma once

#include <filesystem>
#include <string>
#include <variant>

namespace edgefeed {

// What both daemons take on their command line.
struct DaemonOptions {
  std::filesystem::path config;
  bool check_only = false;  // --check: validate the configuration and exit.
};

// Exit codes of every program of ours.
enum ExitCode : int { kExitDone = 0, kExitFailed = 1, kExitUsage = 2, kExitBadConfig = 78 };

struct DaemonAbout {
  std::string program;  // "edgefeed-agent"
  std::string summary;  // What it does, for --help.
  std::filesystem::path default_config;
  std::string commands;  // What else it can do, one a line, for --help; empty: nothing.
};

// The options, or the exit code when --help, --version or a wrong usage has already been answered.
std::variant<DaemonOptions, ExitCode> ParseDaemonOptions(int argc, const char* const* argv,
                                                         const DaemonAbout& about);

}  // namespace edgefeed
