#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/model/boot.h"
#include "common/model/series.h"

namespace edgefeed {

// What an agent says of its device and of itself.
struct DeviceInfo {
  std::string boot_id;           // New at each boot.
  std::string run_id;            // New at each start of the agent.
  std::string agent_version;     // "0.1.0"
  std::string kernel_release;    // uname -r
  std::string machine;           // uname -m
  std::string operating_system;  // PRETTY_NAME of /etc/os-release
  Labels labels;                 // From the agent's configuration.
  std::optional<BootInfo> boot;  // Nothing: an agent that does not look.
  friend bool operator==(const DeviceInfo&, const DeviceInfo&) = default;
};

// A device's name is 1–128 of [A-Za-z0-9._:-]. INVALID_ARGUMENT says what is wrong with this one,
// quoting at most its beginning.
Status CheckDeviceName(std::string_view name);

}  // namespace edgefeed
