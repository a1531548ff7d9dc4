#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/config/environment.h"
#include "ctl/client.h"
#include "ctl/console.h"
#include "ctl/options.h"

namespace edgefeed {

// `edgefeedctl rules replay`: an hour of a device after the other, so that memory does not grow
// with the time that is looked at. In a terminal the way so far is shown on `console.err`.
Status RunRulesReplay(CollectorClient& client, const CtlOptions& options,
                      const Environment& environment, const Clock& clock, Console& console);

}  // namespace edgefeed
