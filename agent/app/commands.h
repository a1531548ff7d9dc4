#pragma once

#include <optional>
#include <string>

#include "common/cli/daemon_options.h"

namespace edgefeed {

// What edgefeed-agent can do instead of running: `edgefeed-agent outbox …`, `edgefeed-agent
// --estimate …`. Nothing when the arguments ask for none of these.
std::optional<ExitCode> RunCommand(int argc, const char* const* argv);

// A line for each, for --help.
std::string CommandsHelp();

}  // namespace edgefeed
