#pragma once

#include "agent/proc/source.h"

namespace edgefeed {

// /proc/uptime, through libproc2.
SourceResult OpenUptime();

}  // namespace edgefeed
