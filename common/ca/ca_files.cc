#include "common/ca/ca_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "common/base/file.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPublicFile = 0644;
constexpr mode_t kPrivateDirectoryMode = 0700;

fs::path ParentOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

Status WriteTo(int fd, std::string_view bytes, Secrecy secrecy, const std::string& name) {
  if (Status written = WriteAll(fd, bytes, name); !written) return written;
  if (secrecy == Secrecy::kPublic && ::fchmod(fd, kPublicFile) != 0) return ErrnoError(name, errno);
  if (::fsync(fd) != 0) return ErrnoError(name, errno);
  return {};
}

Result<UniqueFd> OpenDirectory(const fs::path& directory, int more_flags) {
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | more_flags));
  if (!fd.valid()) return ErrnoError(directory.string(), errno);
  return fd;
}

Status Empty(const fs::path& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    fs::remove_all(entry.path(), error);
    if (error) break;
  }
  if (error) return Error{Code::kInternal, directory.string() + ": " + error.message()};
  return {};
}

// Root could write into anybody's directory; a key in it would be in their hands.
Status RefuseForeign(int fd, const std::string& name) {
  struct stat found{};
  if (::fstat(fd, &found) != 0) return ErrnoError(name, errno);
  if (found.st_uid == ::geteuid()) return {};
  return Error{Code::kPermissionDenied, name + ": belongs to another user"};
}

Status RefuseFilled(const fs::path& target) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(target, error))) return {};
  if (fs::is_directory(fs::symlink_status(target, error)) && fs::is_empty(target, error)) return {};
  return Error{
      Code::kAlreadyExists,
      target.string() + ": is there already, and nothing is overwritten: say another directory"};
}

}  // namespace

Status WriteNewFile(const fs::path& file, std::string_view bytes, Secrecy secrecy) {
  const UniqueFd fd(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivateFile));
  if (!fd.valid() && errno == EEXIST) {
    return Error{Code::kAlreadyExists, file.string() + ": is there already"};
  }
  if (!fd.valid()) return ErrnoError(file.string(), errno);
  return WriteTo(fd.get(), bytes, secrecy, file.string());
}

Status ReplacePublicFile(const fs::path& file, std::string_view bytes) {
  const fs::path unfinished = file.string() + std::string(kUnfinished);
  ::unlink(unfinished.c_str());
  Status written = WriteNewFile(unfinished, bytes, Secrecy::kPublic);
  if (written && ::rename(unfinished.c_str(), file.c_str()) != 0) {
    written = ErrnoError(file.string(), errno);
  }
  if (!written) {
    ::unlink(unfinished.c_str());
    return written;
  }
  return SyncDirectory(ParentOf(file));
}

Result<UniqueFd> LockDirectory(const fs::path& directory, Turn turn) {
  auto fd = OpenDirectory(directory, 0);
  if (!fd) return fd;
  while (::flock(fd->get(), LOCK_EX | (turn == Turn::kNow ? LOCK_NB : 0)) != 0) {
    if (errno == EWOULDBLOCK) {
      return Error{Code::kAborted, directory.string() + ": another process is changing it"};
    }
    if (errno != EINTR) return ErrnoError(directory.string(), errno);
  }
  return fd;
}

Result<UnfinishedDirectory> UnfinishedDirectory::Begin(const fs::path& target) {
  if (Status free = RefuseFilled(target); !free) return free.error();
  const fs::path path = target.string() + ".unfinished";
  if (::mkdir(path.c_str(), kPrivateDirectoryMode) != 0 && errno != EEXIST) {
    return ErrnoError(path.string(), errno);
  }
  auto lock = OpenDirectory(path, O_NOFOLLOW);
  if (!lock) return lock.error();
  if (Status own = RefuseForeign(lock->get(), path.string()); !own) return own.error();
  if (::flock(lock->get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Code::kAborted, path.string() + ": another process is filling it"};
  }
  if (Status empty = Empty(path); !empty) return empty.error();
  if (::fchmod(lock->get(), kPrivateDirectoryMode) != 0) return ErrnoError(path.string(), errno);
  return UnfinishedDirectory(target, path, std::move(*lock));
}

UnfinishedDirectory::~UnfinishedDirectory() {
  if (!lock_.valid()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Status UnfinishedDirectory::Publish() {
  if (Status synced = SyncDirectory(path_); !synced) return synced;
  if (::rename(path_.c_str(), target_.c_str()) != 0) return ErrnoError(target_.string(), errno);
  lock_.Reset();
  return SyncDirectory(ParentOf(target_));
}

}  // namespace edgefeed
