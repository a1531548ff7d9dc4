#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "agent/boot/kernel_death.h"

namespace edgefeed {

// Identities of files of pstore: checksums of their contents, because systemd-pstore moves them.
using SeenRecords = std::vector<std::uint32_t>;

struct CrashRecords {
  SeenRecords all;                   // Of what is there now, at most 64.
  std::optional<KernelDeath> death;  // What those tell that are not among the ones seen before.
};

// Looks through the directories, and one level below, for what the kernel kept over a crash. They
// stay there until somebody removes them: `seen` are those that were there at a boot before. What
// cannot be read is left out.
CrashRecords ReadCrashRecords(const std::vector<std::filesystem::path>& directories,
                              const SeenRecords& seen);

}  // namespace edgefeed
