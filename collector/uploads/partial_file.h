#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

// What has come of a begun upload. On the uploads strand.
class PartialFile {
 public:
  // Of exactly the committed size: what was written behind it in an earlier run is cut off.
  // DATA_LOSS when it is shorter; creates it when nothing is committed.
  static Result<PartialFile> Open(std::filesystem::path path, std::uint64_t committed_bytes);

  Status Write(std::uint64_t offset, std::string_view data);
  // Waits until all that was written is on stable storage. From any thread.
  [[nodiscard]] Status Sync() const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  PartialFile(std::filesystem::path path, UniqueFd fd);

  std::filesystem::path path_;
  UniqueFd fd_;
};

}  // namespace edgefeed
