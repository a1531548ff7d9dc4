#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/console.h"
#include "ctl/options.h"

namespace edgefeed {

// `edgefeedctl token …`: on the collector's host, needs no collector. A new token's secret is
// printed, once; the file has its digest.
Status RunTokenNew(const CtlOptions& options, const Clock& clock, Console& console);
Status RunTokenList(const CtlOptions& options, const Clock& clock, Console& console);
Status RunTokenRemove(const CtlOptions& options, Console& console);

}  // namespace edgefeed
