#pragma once

#include <filesystem>

#include "common/base/result.h"
#include "common/base/units.h"
#include "common/model/dump.h"

namespace edgefeed {

struct CaptureLimits {
  DumpMode mode = DumpMode::kAuto;
  Bytes full = MiB(64);      // Of a core that DumpMode::kAuto keeps whole.
  Bytes min_free = MiB(64);  // Of the file system, which captures leave to others.
  Bytes waiting = MiB(256);  // Of the files that the agent has not taken yet.
  std::size_t files = 16;    // Likewise.
};

struct Captured {
  std::filesystem::path file;
  Bytes read;     // Of the core.
  Bytes written;  // Of the file.
  DumpInfo info;  // Says what is missing, and why.
};

// Streams a core file from `core` into `directory`, compressed, with NAME.info beside it: what
// EncodeDumpInfo() makes of `crash` and of what the core says. In at most 10 MiB of memory; reads
// no more than it keeps, because the crashing process waits for that. What there is no room for, or
// is not wanted, leaves an empty file with its description. The files belong to the directory's
// owner, and appear when they are complete.
Result<Captured> Capture(int core, const std::filesystem::path& directory, DumpInfo crash,
                         const CaptureLimits& limits);

}  // namespace edgefeed
