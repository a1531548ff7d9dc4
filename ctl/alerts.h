#pragma once

#include "common/base/clock.h"
#include "common/base/result.h"
#include "ctl/alert_client.h"
#include "ctl/console.h"
#include "ctl/options.h"

// `edgefeedctl alerts`, `silence …`, `ack` and `unack`.
namespace edgefeed {

Status RunAlerts(AlertClient& client, const CtlOptions& options, const Clock& clock,
                 Console& console);
// `user`: who says so, unless the options do.
Status RunSilenceAdd(AlertClient& client, const CtlOptions& options, const std::string& user,
                     const Clock& clock, Console& console);
Status RunSilenceList(AlertClient& client, const CtlOptions& options, const Clock& clock,
                      Console& console);
Status RunSilenceRemove(AlertClient& client, const CtlOptions& options, Console& console);
Status RunAcknowledge(AlertClient& client, const CtlOptions& options, const std::string& user,
                      const Clock& clock, Console& console);
Status RunUnacknowledge(AlertClient& client, const CtlOptions& options, Console& console);

// "device=cam-1", "severity!=info" or "rule=~CPU_*".
Result<SilenceMatch> ParseMatch(std::string_view text);

}  // namespace edgefeed
