#pragma once

#include "common/cli/daemon_options.h"

namespace edgefeed {

// `edgefeed-agent enrol TOKEN`: makes a key, has the collector certify it, and puts key,
// certificate and CA where the configuration wants them. Done again after an error or a power cut,
// it goes on.
ExitCode RunEnrolCommand(int argc, const char* const* argv);

// `edgefeed-agent renew`: a new certificate for the same key, once less than a third of the old
// one's time is left. edgefeed-agent-renew.timer calls it each day.
ExitCode RunRenewCommand(int argc, const char* const* argv);

}  // namespace edgefeed
