#pragma once

#include "common/config/log_level.h"

namespace edgefeed {

// Sets up spdlog's default logger: stderr, one line an event. Under systemd (JOURNAL_STREAM is set)
// the line carries the journal's priority and no time, which the journal adds itself.
void SetUpLog(LogLevel level);
void SetLogLevel(LogLevel level);

// For a program whose output is all that it has to say: nothing is logged.
void SetUpNoLog();

}  // namespace edgefeed
