#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/console.h"
#include "ctl/options.h"
#include "ctl/preferences.h"

namespace edgefeed {

bool IsCaCommand(Command command);

// `edgefeedctl ca`. Precondition: IsCaCommand(options.command).
Status RunCa(const CtlOptions& options, const Preferences& preferences, const Clock& clock,
             Console& console);

}  // namespace edgefeed
