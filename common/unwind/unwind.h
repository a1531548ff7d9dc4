#pragma once

#include <filesystem>
#include <vector>

#include "common/base/result.h"
#include "common/corefile/core_scanner.h"
#include "common/model/dump.h"

namespace edgefeed {

// The backtraces of a core file (libdw): at most 64 frames of at most 64 threads, the crashed one
// first, with functions and lines where `symbols` (directories, see SymbolFiles) or this machine
// have the very files that were mapped. A thread of which nothing can be unwound keeps the frame
// that `core` has for it.
//
// libdw is not made for hostile files: only in a process that has nothing to lose.
Result<std::vector<DumpThread>> Unwind(int core_fd, const CoreSummary& core,
                                       const std::vector<std::filesystem::path>& symbols);

}  // namespace edgefeed
