#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "agent/crash/crash_config.h"

namespace edgefeed {

// Why something cannot be written.
enum class Shortage { kQuota, kDisk };

// What dumps that take `used` bytes, and so many more, lack in this directory: room under their
// quota, which is never more than a tenth of the file system, or on the file system. Nothing when
// they fit.
std::optional<Shortage> LacksRoom(const std::filesystem::path& directory, std::uint64_t used,
                                  std::uint64_t more, const CrashConfig& config);

}  // namespace edgefeed
