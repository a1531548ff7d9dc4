#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "agent/proc/kernel_roots.h"
#include "common/model/device.h"

namespace edgefeed {

// The value of `key` in the text of an os-release file, without its quotes; empty when absent.
std::string OsReleaseValue(std::string_view text, std::string_view key);

// What the machine says of itself: boot_id, kernel_release, machine and operating_system of a
// DeviceInfo. What cannot be read stays empty.
DeviceInfo ReadDeviceIdentity(const KernelRoots& roots, const std::filesystem::path& os_release);

}  // namespace edgefeed
