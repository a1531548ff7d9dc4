#pragma once

#include "common/base/result.h"
#include "common/config/environment.h"
#include "ctl/console.h"
#include "ctl/options.h"

namespace edgefeed {

// `edgefeedctl rules check`. Needs no collector.
Status RunRulesCheck(const CtlOptions& options, const Environment& environment, Console& console);

}  // namespace edgefeed
