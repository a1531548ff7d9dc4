#pragma once

#include <string>

#include "common/model/dump.h"

namespace edgefeed {

// What systemd-coredump says of a core file of its own by the name of the file and by its extended
// attributes; what neither says stays empty. (Its journal says more: unit and package. That would
// need libsystemd.)
//   core.sensord.0.5dd0cf2b8c2f4b0a9d0c5f4a6b7c8d9e.1234.1700000000000000.zst
DumpInfo DescribeSystemdCore(const std::string& name, int fd);

}  // namespace edgefeed
