#pragma once

#include "common/cli/daemon_options.h"

namespace edgefeed {

// `edgefeed-agent outbox ls|verify|export [DIR]`: looks into an outbox, with the agent running or
// not.
ExitCode RunOutboxCommand(int argc, const char* const* argv);

}  // namespace edgefeed
