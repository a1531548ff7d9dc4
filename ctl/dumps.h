#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/console.h"
#include "ctl/dump_client.h"
#include "ctl/options.h"

// `edgefeedctl dumps …`.
namespace edgefeed {

Status RunDumps(DumpClient& client, const CtlOptions& options, const Clock& clock,
                Console& console);
Status RunDumpsShow(DumpClient& client, const CtlOptions& options, const Clock& clock,
                    Console& console);
// In a terminal the way so far is shown on `console.err`.
Status RunDumpsGet(DumpClient& client, const CtlOptions& options, const Clock& clock,
                   Console& console);
Status RunDumpsRemove(DumpClient& client, const CtlOptions& options, Console& console);

}  // namespace edgefeed
