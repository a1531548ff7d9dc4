#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "common/base/result.h"
#include "common/model/dump.h"

namespace edgefeed {

// What a stored dump, a core file as it is or in zstd, tells of its crash. Reads at most 4 GiB of
// core, no more than 64 MiB and 200 times the bytes that are stored, and no more than this process
// can in `reading_time` of the processor, half of what the sandbox gives: what comes behind is as
// good as not there. DATA_LOSS when it is no core file, or one without a single thread. To be
// called in a sandbox.
Result<DumpInfo> InspectDump(int dump, const std::vector<std::filesystem::path>& symbols,
                             std::chrono::nanoseconds reading_time = std::chrono::seconds(5));

// The description as bytes, without backtraces of further threads and modules where it would be
// longer than 1 MiB.
std::string BoundedAnswer(DumpInfo info);

}  // namespace edgefeed
