#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/proc/kernel_roots.h"
#include "agent/proc/source.h"

namespace edgefeed {

struct FileNr {
  std::uint64_t allocated = 0;
  std::uint64_t max = 0;
};
std::optional<FileNr> ParseFileNr(std::string_view text);

// /proc/sys/fs/file-nr: open files of the whole system.
SourceResult OpenFileNr(const KernelRoots& roots);

}  // namespace edgefeed
