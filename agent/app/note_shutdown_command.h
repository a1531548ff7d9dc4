#pragma once

#include "common/cli/daemon_options.h"

namespace edgefeed {

// `edgefeed-agent note-shutdown [--expect]`: for who shuts the system down, or begins to watch for
// that. Only so is a shutdown known from a power cut: an agent that is stopped need not be stopped
// because of one.
ExitCode RunNoteShutdownCommand(int argc, const char* const* argv);

}  // namespace edgefeed
