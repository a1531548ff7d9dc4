#pragma once

namespace edgefeed {

enum class Signal { kTerminate, kReload };

// Blocks SIGTERM, SIGINT and SIGHUP for this thread and every thread it starts, and ignores
// SIGPIPE. Call first in main.
void BlockSignals();

// Waits for the next of them: SIGTERM and SIGINT are kTerminate, SIGHUP is kReload.
Signal WaitForSignal();

}  // namespace edgefeed
