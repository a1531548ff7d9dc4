#pragma once

#include "common/cli/daemon_options.h"

namespace edgefeed {

// `edgefeed-agent status …`: asks the agent that runs on this machine, and says what it answers.
ExitCode RunStatusCommand(int argc, const char* const* argv);

}  // namespace edgefeed
