#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

// A file of /proc or /sys that is read again and again: kept open, and read from its start each
// time. Errors: NOT_FOUND when it, or the device behind it, is not there; UNIMPLEMENTED when the
// kernel has it switched off; UNAVAILABLE when the device has nothing to tell just now.
class KernelFile {
 public:
  static Result<KernelFile> Open(const std::filesystem::path& path);

  // The whole text as it is now. Valid until the next call.
  Result<std::string_view> ReadText();

  // The text as one number. DATA_LOSS when it is none.
  Result<std::int64_t> ReadInteger();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  KernelFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  UniqueFd fd_;
  std::string path_;
  std::string buffer_;
};

// For files that are read once in a while: open, read, close.
Result<std::int64_t> ReadIntegerFile(const std::filesystem::path& path);

}  // namespace edgefeed
