#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/client.h"
#include "ctl/console.h"
#include "ctl/options.h"

namespace edgefeed {

// `edgefeedctl history`: a plot in a terminal, lines elsewhere.
Status RunHistory(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                  Console& console);

}  // namespace edgefeed
