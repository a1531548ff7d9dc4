#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "collector/history/query.h"

namespace edgefeed::e2e {

// Reads a metric of a device, sample by sample, from the data of a collector that does not run.
std::vector<HistoryBucket> ReadStored(const std::filesystem::path& data_dir,
                                      const std::string& device, const std::string& metric);

// Numbers that were stored as values of a metric: each must be there once, in order of time.
struct StoredNumbers {
  std::vector<std::uint64_t> missing;
  std::vector<std::uint64_t> doubled;
  std::vector<std::uint64_t> unexpected;
};
// Compares with 1 … `count`.
StoredNumbers CheckNumbers(const std::vector<HistoryBucket>& stored, std::uint64_t count);

}  // namespace edgefeed::e2e
