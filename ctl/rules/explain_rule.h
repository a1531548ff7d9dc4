#pragma once

#include "common/base/result.h"
#include "common/config/environment.h"
#include "ctl/client.h"
#include "ctl/console.h"
#include "ctl/options.h"

namespace edgefeed {

// `edgefeedctl rules explain`: what a rule of a file is on a device, by the labels that the
// collector knows of it, and which override has said what.
Status RunRulesExplain(CollectorClient& client, const CtlOptions& options,
                       const Environment& environment, Console& console);

}  // namespace edgefeed
