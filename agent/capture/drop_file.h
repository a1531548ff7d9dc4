#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/base/units.h"

namespace edgefeed {

// A file on its way into a drop directory: hidden until it is published, gone if it never is. Holds
// on to the directory: its owner, who need not be root as the kernel's handler is, cannot put
// another one in its place meanwhile.
class DropFile {
 public:
  // A directory that is a symbolic link is none. `min_free`: room that Append() leaves on the file
  // system.
  static Result<DropFile> Create(const std::filesystem::path& directory, std::string name,
                                 Bytes min_free);
  ~DropFile();
  DropFile(DropFile&& other) noexcept;
  DropFile& operator=(DropFile&&) = delete;
  DropFile(const DropFile&) = delete;
  DropFile& operator=(const DropFile&) = delete;

  // RESOURCE_EXHAUSTED when there is no room.
  Status Append(std::string_view bytes);
  // Throws away what was appended.
  Status Empty();
  // Makes NAME.info and then NAME appear, both on stable storage, and gives them to the directory's
  // owner. Returns NAME's path.
  Result<std::filesystem::path> Publish(std::string_view info);

  [[nodiscard]] Bytes size() const { return size_; }

 private:
  DropFile(std::filesystem::path path, UniqueFd directory, std::string name, Bytes min_free)
      : path_(std::move(path)),
        directory_(std::move(directory)),
        name_(std::move(name)),
        min_free_(min_free) {}

  [[nodiscard]] UniqueFd MakeHidden(const std::string& name) const;
  [[nodiscard]] Error Failure(const std::string& name, int error_number) const;
  Status CheckRoom();
  [[nodiscard]] Status HandOver(const UniqueFd& fd) const;
  Status Show(const std::string& name) const;
  Status WriteInfo(std::string_view info) const;

  std::filesystem::path path_;  // Of the directory, for messages.
  UniqueFd directory_;
  std::string name_;
  Bytes min_free_;
  UniqueFd fd_;
  Bytes size_;
  Bytes until_check_;  // May be appended before looking at the file system again.
};

}  // namespace edgefeed
