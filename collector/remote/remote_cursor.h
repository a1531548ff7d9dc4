#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace edgefeed {

// How far a remote store has come, on stable storage: a file of one line.
//
//   edgefeed-cursor 1 17592186044417
class RemoteCursor {
 public:
  RemoteCursor(const std::filesystem::path& directory, const std::string& name)
      : file_(directory / (name + ".cursor")) {}

  // Nothing when there is none yet, or when it is damaged, which is logged.
  [[nodiscard]] std::optional<std::uint64_t> Load() const;
  [[nodiscard]] Status Save(std::uint64_t place) const;

  // Makes the directory, and deletes the cursors of others than these.
  static Status Prepare(const std::filesystem::path& directory,
                        const std::vector<std::string>& names);

 private:
  std::filesystem::path file_;
};

}  // namespace edgefeed
