#include "agent/crash/drop_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "common/digest/sha256.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxFiles = 4096;
constexpr std::size_t kMaxSkipped = 64;
constexpr std::size_t kKeyBytes = 16;
constexpr std::string_view kSidecar = ".info";

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::int64_t Nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileIdentity IdentityOf(const struct stat& status) {
  return {.inode = status.st_ino,
          .size_bytes = static_cast<std::uint64_t>(status.st_size),
          .modified_ns = Nanoseconds(status.st_mtim)};
}

bool IsIgnored(std::string_view name) {
  return name.starts_with('.') || name.starts_with('#') || name.ends_with(".tmp") ||
         name.ends_with(kSidecar);
}

std::string_view KindOf(mode_t mode) {
  if (S_ISLNK(mode)) return "symlink";
  if (S_ISFIFO(mode)) return "fifo";
  if (S_ISDIR(mode)) return "directory";
  if (S_ISSOCK(mode)) return "socket";
  return "device";
}

bool IsForeignLink(const struct stat& file, const struct stat& directory) {
  if (file.st_nlink < 2) return false;
  if ((directory.st_mode & (S_IWGRP | S_IWOTH)) != 0) return true;
  return file.st_uid != directory.st_uid && file.st_uid != ::geteuid();
}

}  // namespace

Result<DropDirectory> DropDirectory::Open(const std::filesystem::path& path, HardLinks links) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError(path.string(), errno);
  return DropDirectory(path, std::move(fd), links);
}

Result<DirectoryListing> DropDirectory::List() const {
  // A descriptor of its own, which begins at the first entry and which closedir() closes.
  const int fd = ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return ErrnoError(path_.string(), errno);
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(fd));
  struct stat directory{};
  if (stream == nullptr || ::fstat(fd, &directory) != 0) return ErrnoError(path_.string(), errno);
  DirectoryListing listing;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (IsIgnored(name)) continue;
    struct stat status{};
    if (::fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // Gone again.
    if (const auto reason = ReasonToSkip(status, directory)) {
      if (listing.skipped.size() < kMaxSkipped) listing.skipped.push_back({name, *reason});
    } else if (listing.files.size() < kMaxFiles) {
      listing.files.push_back({.name = name,
                               .identity = IdentityOf(status),
                               .changed_ns = Nanoseconds(status.st_ctim)});
    }
  }
  std::ranges::sort(listing.files, {},
                    [](const FoundFile& file) { return file.identity.modified_ns; });
  return listing;
}

std::optional<std::string> DropDirectory::ReasonToSkip(const struct stat& file,
                                                       const struct stat& directory) const {
  if (!S_ISREG(file.st_mode)) return std::string(KindOf(file.st_mode));
  if (links_ == HardLinks::kOfOwner && IsForeignLink(file, directory)) return "hard_link";
  return std::nullopt;
}

Result<FileIdentity> DropDirectory::Find(const std::string& name) const {
  struct stat status{};
  if (::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return ErrnoError((path_ / name).string(), errno);
  }
  return IdentityOf(status);
}

Result<OpenedFile> DropDirectory::Read(const std::string& name) const {
  // A descriptor that only names the file: opening a FIFO or a device for real would wait, or do
  // something.
  const UniqueFd place(::openat(fd_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!place.valid()) return ErrnoError((path_ / name).string(), errno);
  struct stat status{};
  struct stat directory{};
  if (::fstat(place.get(), &status) != 0 || ::fstat(fd_.get(), &directory) != 0) {
    return ErrnoError((path_ / name).string(), errno);
  }
  if (const auto reason = ReasonToSkip(status, directory)) {
    return Error{Code::kFailedPrecondition, (path_ / name).string() + ": is now a " + *reason};
  }
  const std::string same = "/proc/self/fd/" + std::to_string(place.get());
  OpenedFile file{.fd = UniqueFd(::open(same.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)),
                  .identity = IdentityOf(status)};
  if (!file.fd.valid()) return ErrnoError((path_ / name).string(), errno);
  return file;
}

Status DropDirectory::Remove(const std::string& name, const FileIdentity& identity) const {
  struct stat status{};
  if (::fstatat(fd_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    return ErrnoError((path_ / name).string(), errno);
  }
  if (!S_ISREG(status.st_mode) || IdentityOf(status) != identity) return {};
  if (::unlinkat(fd_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return ErrnoError((path_ / name).string(), errno);
  }
  return {};
}

std::string SidecarOf(const std::string& name) { return name + std::string(kSidecar); }

std::string SourceKey(const std::filesystem::path& directory, const std::string& name,
                      const FileIdentity& identity) {
  const std::string all = directory.string() + '\0' + name + '\0' + std::to_string(identity.inode) +
                          ' ' + std::to_string(identity.size_bytes) + ' ' +
                          std::to_string(identity.modified_ns);
  const Sha256Digest digest = Sha256Of(all);
  return HexText(BytesOf(digest).substr(0, kKeyBytes));
}

}  // namespace edgefeed
