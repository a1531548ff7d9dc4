#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/client.h"
#include "ctl/console.h"
#include "ctl/options.h"

namespace edgefeed {

// `edgefeedctl backup`. In a terminal the way so far is shown on `console.err`.
Status RunBackup(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                 Console& console);

}  // namespace edgefeed
