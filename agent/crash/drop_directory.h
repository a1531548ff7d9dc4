#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed {

// What a file is recognised by.
struct FileIdentity {
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  // Since 1970.
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

struct FoundFile {
  std::string name;
  FileIdentity identity;
  std::int64_t changed_ns = 0;  // Of the inode: after a write it was renamed, linked or the like.
};

// An entry that is never opened, and why: "symlink", "fifo", "directory", "device", "hard_link".
struct SkippedEntry {
  std::string name;
  std::string reason;
};

struct DirectoryListing {
  std::vector<FoundFile> files;  // Oldest first.
  std::vector<SkippedEntry> skipped;
};

struct OpenedFile {
  UniqueFd fd;
  FileIdentity identity;
};

// Who may put files there that have other names elsewhere.
enum class HardLinks {
  kOfOwner,    // Only the directory's owner and we, if nobody else can write into it: a link to a
               // file of somebody else would make us read, and later remove, what is not meant for
               // us.
  kOfAnybody,  // The directory's owner alone can write into it.
};

// One directory into which others put files, and whom we do not trust: nothing in it is followed,
// waited for, or opened unless it is a plain file of this very directory. Holds the directory open,
// so that what happens to its path meanwhile does not matter.
class DropDirectory {
 public:
  static Result<DropDirectory> Open(const std::filesystem::path& path, HardLinks links);

  // At most 4096 files, and 64 skipped entries. Without names that begin with '.' or '#', or end in
  // ".tmp" or ".info".
  [[nodiscard]] Result<DirectoryListing> List() const;
  // NOT_FOUND: there is no such file.
  [[nodiscard]] Result<FileIdentity> Find(const std::string& name) const;
  // FAILED_PRECONDITION: it is nothing that List() would give (any more).
  [[nodiscard]] Result<OpenedFile> Read(const std::string& name) const;
  // Whatever file the name is by now is left alone unless it is this one. A file that is gone is no
  // error.
  Status Remove(const std::string& name, const FileIdentity& identity) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  DropDirectory(std::filesystem::path path, UniqueFd fd, HardLinks links)
      : path_(std::move(path)), fd_(std::move(fd)), links_(links) {}

  [[nodiscard]] std::optional<std::string> ReasonToSkip(const struct stat& file,
                                                        const struct stat& directory) const;

  std::filesystem::path path_;
  UniqueFd fd_;
  HardLinks links_;
};

// What the producer says of the dump in a file of this name: the bytes of a DumpInfo, put into
// place before the dump.
std::string SidecarOf(const std::string& name);

// The file of a directory, for ever: after a restart, too. 32 hexadecimal digits.
std::string SourceKey(const std::filesystem::path& directory, const std::string& name,
                      const FileIdentity& identity);

}  // namespace edgefeed
