#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace edgefeed {

// What was found in the files of a collector's history or of an agent's outbox.
struct VerifiedFiles {
  std::filesystem::path path;  // Where they are: in, or at, the path that was given.
  std::string kind;            // "history" or "outbox"
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t devices = 0;  // Of a history.
  std::uint64_t samples = 0;  // In an outbox's segments, or in a history's chunks.
  std::uint64_t log_entries = 0;
  std::uint64_t rollups = 0;
  std::vector<std::string> damage;  // A line each, beginning with the file; empty: all is whole.
};

// Finds out what is at `path` (a history or a backup of one, a collector's data_dir, an outbox, an
// agent's state_dir, a segment) and reads all of it; changes nothing. `on_progress` hears of the
// bytes read so far, and of all. NOT_FOUND when it is none of these.
using OnVerifyProgress = std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)>;
Result<VerifiedFiles> VerifyFiles(const std::filesystem::path& path,
                                  const OnVerifyProgress& on_progress);

}  // namespace edgefeed
