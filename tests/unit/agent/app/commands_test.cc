#include "agent/app/commands.h"

#include <doctest/doctest.h>

#include <vector>

namespace edgefeed {
namespace {

std::optional<ExitCode> Run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "edgefeed-agent");
  return RunCommand(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("a command that is a word comes first, one that is a flag stands anywhere") {
  CHECK(Run({"outbox", "--help"}) == kExitDone);
  CHECK(Run({"outbox", "no-such"}) == kExitUsage);
  CHECK(Run({"status", "--help"}) == kExitDone);
  CHECK(Run({"status", "--no-such"}) == kExitUsage);
  CHECK(Run({"status", "--socket", "/no/such"}) == kExitFailed);
  CHECK(Run({"--config", "outbox"}) == std::nullopt);
  CHECK(Run({"--estimate", "--config", "/no/such/file"}) == kExitBadConfig);
  CHECK(Run({"--config", "/no/such/file", "--estimate"}) == kExitBadConfig);
  CHECK(Run({"--estimate", "--no-such"}) == kExitUsage);
}

TEST_CASE("arguments without a command are the daemon's") {
  CHECK(Run({}) == std::nullopt);
  CHECK(Run({"--check"}) == std::nullopt);
  CHECK(CommandsHelp().find("--estimate") != std::string::npos);
  CHECK(CommandsHelp().find("outbox") != std::string::npos);
}

}  // namespace edgefeed
