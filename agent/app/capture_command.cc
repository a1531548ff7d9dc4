#include "agent/app/capture_command.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "agent/app/config.h"
#include "agent/app/stage_settings.h"
#include "agent/capture/capture.h"
#include "agent/capture/core_pattern.h"
#include "agent/capture/crashed_process.h"
#include "common/base/file.h"
#include "common/base/unique_fd.h"

namespace edgefeed {
namespace {

struct CaptureOptions {
  std::filesystem::path config = kDefaultAgentConfig;
  bool install = false;
  bool uninstall = false;
  bool status = false;
  CrashArguments crash;
  std::uint64_t crashed_at_s = 0;
};

// The kernel gives its handler no stderr that anybody reads.
void Tell(const std::string& line) {
  std::cerr << "edgefeed-agent capture: " << line << '\n';
  const UniqueFd log(::open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
  const std::string record = "<3>edgefeed-agent capture: " + line + "\n";
  if (log.valid()) static_cast<void>(WriteAll(log.get(), record, "/dev/kmsg"));
}

ExitCode Fail(const Error& why) {
  std::cerr << "edgefeed-agent capture: " << why.message << '\n';
  return kExitFailed;
}

CoreHandlerSwitch SwitchOf(const AgentConfig& config) {
  return CoreHandlerSwitch({.saved = config.state_dir / "core_pattern.saved"});
}

void Print(std::string_view what, const CoreHandler& handler) {
  std::cout << what << "kernel.core_pattern=" << handler.pattern
            << " kernel.core_pipe_limit=" << handler.pipe_limit << '\n';
}

// Where captures go.
Result<std::filesystem::path> DropDirectory(const AgentConfig& config) {
  const auto& directories = config.crash_dumps.directories;
  if (!directories.empty()) return directories.front();
  return Error{Code::kFailedPrecondition, "crash_dumps.directories is empty: nobody takes dumps"};
}

ExitCode Install(const CaptureOptions& options, const AgentConfig& config) {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Fail(ErrnoError("/proc/self/exe", error.value()));
  std::string arguments;
  if (options.config != kDefaultAgentConfig) {
    arguments = " --config " + std::filesystem::absolute(options.config).string();
  }
  const auto directory = DropDirectory(config);
  if (!directory) return Fail(directory.error());
  CoreHandlerSwitch handlers = SwitchOf(config);
  const auto before = handlers.Install(program.string(), arguments);
  if (!before) return Fail(before.error());
  Print("was: ", *before);
  Print("now: ", *handlers.Current());
  std::cout << "Crashes go to " << directory->string()
            << "; `edgefeed-agent capture --uninstall` puts back what was.\n";
  return kExitDone;
}

ExitCode Uninstall(const AgentConfig& config) {
  const auto now = SwitchOf(config).Uninstall();
  if (!now) return Fail(now.error());
  Print("now: ", *now);
  return kExitDone;
}

ExitCode ShowStatus(const AgentConfig& config) {
  const CoreHandlerSwitch handlers = SwitchOf(config);
  const auto now = handlers.Current();
  if (!now) return Fail(now.error());
  Print("now: ", *now);
  if (const auto saved = handlers.Saved()) Print("before --install: ", *saved);
  return kExitDone;
}

// A crash is not the moment to be particular: without a usable configuration the defaults do.
AgentConfig ConfigForCrash(const CaptureOptions& options) {
  auto config = LoadAgentConfig(options.config, ProcessEnvironment());
  if (config) return *config;
  Tell(config.error().message);
  return {};
}

Status CaptureInto(const std::filesystem::path& directory, const CaptureOptions& options,
                   const AgentConfig& config) {
  const auto captured =
      Capture(STDIN_FILENO, directory, DescribeCrash(options.crash), CaptureLimitsFor(config));
  return captured ? Status() : Status(captured.error());
}

ExitCode Handle(const CaptureOptions& options) {
  ::prctl(PR_SET_DUMPABLE, 0);  // It has another process's secrets in its memory.
  const AgentConfig config = ConfigForCrash(options);
  const auto directory = DropDirectory(config);
  const Status captured =
      directory ? CaptureInto(*directory, options, config) : Status(directory.error());
  if (captured) return kExitDone;
  Tell(captured.error().message);
  return kExitFailed;
}

ExitCode Run(const CaptureOptions& options, bool is_crash) {
  if (is_crash) return Handle(options);
  const auto config = LoadAgentConfig(options.config, ProcessEnvironment());
  if (!config) {
    std::cerr << config.error().message << '\n';
    return kExitBadConfig;
  }
  if (options.install) return Install(options, *config);
  if (options.uninstall) return Uninstall(*config);
  return ShowStatus(*config);
}

}  // namespace

ExitCode RunCaptureCommand(int argc, const char* const* argv) {
  CaptureOptions options;
  CLI::App cli(
      "Has the kernel hand the cores of crashing processes to the agent. Without --install the "
      "agent\n"
      "only takes what others write into the directories of crash_dumps.directories.",
      "edgefeed-agent capture");
  cli.add_option("--config", options.config, "The agent's configuration")->capture_default_str();
  auto* pid =
      cli.add_option("PID", options.crash.pid, "What the kernel passes, with the core on stdin");
  for (auto& [name, value] : {std::pair{"TID", &options.crash.thread},
                              {"UID", &options.crash.uid},
                              {"SIGNAL", &options.crash.signal}}) {
    pid->needs(cli.add_option(name, *value)->group(""));
  }
  pid->needs(cli.add_option("TIME", options.crashed_at_s, "Unix time, seconds")->group(""));
  auto* install = cli.add_flag(
      "--install", options.install,
      "Become the handler of core_pattern, now and at each boot; says what it replaces");
  auto* uninstall =
      cli.add_flag("--uninstall", options.uninstall, "Put back what --install replaced");
  auto* status = cli.add_flag("--status", options.status, "Say who the handler is");
  const std::vector<CLI::Option*> all = {pid, install, uninstall, status};
  try {
    cli.parse(argc - 1, argv + 1);  // Without the program: the command is its name.
    if (std::ranges::count_if(all, [](const auto* option) { return option->count() > 0; }) != 1) {
      throw CLI::ValidationError("one of --install, --uninstall, --status or PID … is required");
    }
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  options.crash.crashed_at = FromUnixMillis(options.crashed_at_s * 1000);
  return Run(options, pid->count() > 0);
}

}  // namespace edgefeed
