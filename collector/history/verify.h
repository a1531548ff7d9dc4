#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace edgefeed {

struct VerifyReport {
  std::uint64_t devices = 0;
  std::uint64_t files = 0;
  std::uint64_t samples = 0;  // Read from chunks.
  std::uint64_t rollups = 0;  // Rows of the tiers.
  std::uint64_t log_entries = 0;
  std::vector<std::string> damage;  // One line each, beginning with the file; empty: all is well.
};

// Reads everything in a history's directory: SQLite's own check of each database, every chunk,
// every rollup, every record of the logs. Changes nothing. From any thread, also while the history
// runs; takes as long as it takes to read all files. `on_file` hears of each database before it is
// read.
VerifyReport VerifyHistory(
    const std::filesystem::path& directory,
    const std::function<void(const std::filesystem::path& file)>& on_file = {});

}  // namespace edgefeed
