#pragma once

#include <optional>

#include "common/cli/daemon_options.h"

namespace edgefeed {

// `edgefeed-agent outbox ls|verify|export [DIR]`: looks into an outbox, with the agent running or
// not. Nothing when the arguments are none of these.
std::optional<ExitCode> RunOutboxCommand(int argc, const char* const* argv);

}  // namespace edgefeed
