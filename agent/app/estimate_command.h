#pragma once

#include "common/cli/daemon_options.h"

namespace edgefeed {

// `edgefeed-agent --estimate [--config FILE] [--json]`: samples this machine for a few seconds and
// says what its feed will cost a day.
ExitCode RunEstimate(int argc, const char* const* argv);

}  // namespace edgefeed
