#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>

#include "common/base/result.h"
#include "common/base/units.h"

namespace edgefeed {

// What the files of a directory take: all of them, and those of each device. Whose a file is says
// an extended attribute of it, user.edgefeed.device, so that this goes when somebody clears it
// away. On a file system that has none (tmpfs before Linux 6.6) all are nobody's after a restart.
// Single thread.
class StoredFiles {
 public:
  static Result<StoredFiles> Count(std::filesystem::path directory);

  // Before a file comes to be visible. Empty: nobody's.
  static Status SetOwner(const std::filesystem::path& file, const std::string& device);
  // It has come.
  void Add(const std::string& device, Bytes size);
  // Counts anew, if files have come or gone since that was done last.
  Status CountAgain();

  [[nodiscard]] Bytes all() const { return all_; }
  [[nodiscard]] Bytes of(const std::string& device) const;

 private:
  explicit StoredFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::filesystem::path directory_;
  timespec changed_{};  // The directory, when its files were counted.
  Bytes all_;
  std::unordered_map<std::string, std::uint64_t> of_devices_;
};

}  // namespace edgefeed
