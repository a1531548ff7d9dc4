// edgefeed-inspect: reads a stored dump from stdin, which may be hostile, and says on stdout what
// it tells, as a dumps.DumpInfo. For the collector, which reads no dump itself.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "collector/inspect/inspect_dump.h"
#include "collector/inspect/sandbox.h"

namespace edgefeed {
namespace {

enum ExitCode : int { kDone = 0, kFailed = 1, kUsage = 2 };

int Fail(const Error& error) {
  std::cerr << "edgefeed-inspect: " << error.message << '\n';
  return kFailed;
}

int Main(int argc, const char* const* argv) {
  std::vector<std::filesystem::path> symbols;
  CLI::App cli("Says what a crash dump on stdin tells, as a message of proto/dumps.proto.",
               "edgefeed-inspect");
  cli.set_version_flag("--version", std::string("edgefeed-inspect ") + EDGEFEED_VERSION);
  cli.add_option("--symbols", symbols,
                 "Where programs and debug files are: .build-id/ab/cdef… or by name; repeatable")
      ->type_name("DIR")
      ->allow_extra_args(false);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kDone : kUsage;
  }
  if (const Status confined = EnterSandbox(); !confined) return Fail(confined.error());
  auto info = InspectDump(STDIN_FILENO, symbols);
  if (!info) return Fail(info.error());
  const std::string answer = BoundedAnswer(*std::move(info));
  std::cout.write(answer.data(), static_cast<std::streamsize>(answer.size())).flush();
  return std::cout ? kDone : kFailed;
}

}  // namespace
}  // namespace edgefeed

// At once: what runs at a program's exit otherwise, a leak check for one, wants what the sandbox
// forbids.
int main(int argc, char** argv) {
  const int status = edgefeed::Main(argc, argv);
  std::cout.flush();
  ::_exit(status);
}
