#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/client.h"
#include "ctl/console.h"
#include "ctl/options.h"

namespace edgefeed {

// `edgefeedctl devices`
Status RunDevices(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                  Console& console);

// `edgefeedctl snapshot`
Status RunSnapshot(CollectorClient& client, const CtlOptions& options, const Clock& clock,
                   Console& console);

}  // namespace edgefeed
