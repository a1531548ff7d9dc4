#pragma once

#include <optional>

#include "common/cli/daemon_options.h"

namespace edgefeed {

// `edgefeed-collector verify [DIR]`: checks every file of a history, with the collector running or
// not. Nothing when the arguments are something else.
std::optional<ExitCode> RunVerifyCommand(int argc, const char* const* argv);

}  // namespace edgefeed
