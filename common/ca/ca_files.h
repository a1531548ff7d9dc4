#pragma once

#include <filesystem>
#include <string_view>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

enum class Secrecy {
  kPrivate,  // 0600: nobody else reads it, from its first byte on.
  kPublic    // 0644, whatever the umask: what a program that runs as somebody else has to read.
};

// A new file, on stable storage. ALREADY_EXISTS when there is one of that name, whatever it is.
Status WriteNewFile(const std::filesystem::path& file, std::string_view bytes, Secrecy secrecy);

// Like ReplaceFile(), for what everybody may read.
Status ReplacePublicFile(const std::filesystem::path& file, std::string_view bytes);

enum class Turn {
  kWait,
  kNow  // ABORTED when another process has it.
};

// Until no other process holds this lock on the directory; the descriptor is the lock.
Result<UniqueFd> LockDirectory(const std::filesystem::path& directory, Turn turn);

// A directory that appears with everything in it, or not at all. It is filled under another name,
// `target`.unfinished; what a killed process left of that name is thrown away. One process at a
// time for one target: another one gets ABORTED.
class UnfinishedDirectory {
 public:
  // The parent directory must be there. ALREADY_EXISTS when `target` holds something.
  static Result<UnfinishedDirectory> Begin(const std::filesystem::path& target);
  ~UnfinishedDirectory();
  UnfinishedDirectory(UnfinishedDirectory&&) noexcept = default;
  UnfinishedDirectory& operator=(UnfinishedDirectory&&) = delete;
  UnfinishedDirectory(const UnfinishedDirectory&) = delete;
  UnfinishedDirectory& operator=(const UnfinishedDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // On return it is there, on stable storage.
  Status Publish();

 private:
  UnfinishedDirectory(std::filesystem::path target, std::filesystem::path path, UniqueFd lock)
      : target_(std::move(target)), path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path target_;
  std::filesystem::path path_;
  UniqueFd lock_;  // None: published, or moved from.
};

}  // namespace edgefeed
