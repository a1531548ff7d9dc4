#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/client.h"
#include "ctl/console.h"
#include "ctl/options.h"

namespace edgefeed {

// `edgefeedctl upload`. In a terminal the way so far is shown on `console.err`.
Status RunUpload(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                 Console& console);

}  // namespace edgefeed
