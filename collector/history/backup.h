#pragma once

#include <filesystem>

#include "common/base/result.h"

namespace edgefeed {

// The two halves of a history's backup; together they are a directory that History::Open() takes.
// Both leave out what is deleted meanwhile, and wait for the disk at their ends.

// meta.db and the log, which must be of one moment: on the store strand. `target` must not exist,
// or be empty: ALREADY_EXISTS. The history has just synced its log.
Status BackUpLog(const std::filesystem::path& source, const std::filesystem::path& target);

// Everything else: from any thread, after the log, so that what is in no log any more is here.
Status BackUpPartitions(const std::filesystem::path& source, const std::filesystem::path& target);

}  // namespace edgefeed
