#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/client.h"
#include "ctl/console.h"
#include "ctl/options.h"
#include "ctl/terminal/signal_queue.h"

namespace edgefeed {

// `edgefeedctl watch`: until its count is reached, SIGINT, SIGTERM, or an error. `signals` must
// have been opened before `client` started its threads.
Status RunWatch(CollectorClient& client, SignalQueue& signals, const CtlOptions& options,
                const Endpoint& collector, const Clock& clock, Console& console);

}  // namespace edgefeed
