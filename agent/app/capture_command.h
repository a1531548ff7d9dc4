#pragma once

#include "common/cli/daemon_options.h"

namespace edgefeed {

// `edgefeed-agent capture --install|--uninstall|--status`, and `edgefeed-agent capture PID …`,
// which is what the kernel runs for each crash.
ExitCode RunCaptureCommand(int argc, const char* const* argv);

}  // namespace edgefeed
