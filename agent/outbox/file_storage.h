#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "agent/outbox/storage.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

// A directory of the file system; ours only (files 0600, directory 0750). Keeps the file that is
// being written open.
class FileStorage final : public Storage {
 public:
  explicit FileStorage(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // A directory that is not there is empty.
  Result<std::vector<File>> List() override;
  Result<std::string> Read(const std::string& name) override;
  Status Append(const std::string& name, std::string_view bytes) override;
  Status Sync(const std::string& name) override;
  Status Truncate(const std::string& name, Bytes size) override;
  Status Remove(const std::string& name) override;
  Result<Space> FreeSpace() override;

 private:
  Status Open(const std::string& name);
  Status MakeDirectory();
  void Close();
  [[nodiscard]] std::string PathOf(const std::string& name) const;

  std::filesystem::path directory_;
  UniqueFd fd_;
  std::string name_;      // Of the file that is open.
  bool is_named_ = true;  // Its directory entry is known to be on stable storage.
};

}  // namespace edgefeed
