#include "agent/outbox/file_storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "common/base/file.h"

namespace edgefeed {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0750;

}  // namespace

std::string FileStorage::PathOf(const std::string& name) const {
  return (directory_ / name).string();
}

Result<std::vector<Storage::File>> FileStorage::List() {
  std::vector<File> files;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory_, error);
  if (error == std::errc::no_such_file_or_directory) return files;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code vanished;
    const bool regular =
        entry->symlink_status(vanished).type() == std::filesystem::file_type::regular;
    const auto size = entry->file_size(vanished);
    if (regular && !vanished) files.push_back({entry->path().filename().string(), {size}});
  }
  if (error) return ErrnoError(directory_.string(), error.value());
  return files;
}

Result<std::string> FileStorage::Read(const std::string& name) {
  return ReadSmallFile(PathOf(name));
}

Status FileStorage::Append(const std::string& name, std::string_view bytes) {
  if (name != name_) {
    if (Status opened = Open(name); !opened) return opened;
  }
  Status written = WriteAll(fd_.get(), bytes, PathOf(name));
  return written;
}

Status FileStorage::Open(const std::string& name) {
  Close();
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  const std::string path = PathOf(name);
  UniqueFd fd(::open(path.c_str(), kFlags, kFileMode));
  if (!fd.valid() && errno == ENOENT) {
    if (Status made = MakeDirectory(); !made) return made;
    fd.Reset(::open(path.c_str(), kFlags, kFileMode));
  }
  if (!fd.valid()) return ErrnoError(path, errno);
  fd_ = std::move(fd);
  name_ = name;
  is_named_ = false;
  return {};
}

Status FileStorage::MakeDirectory() {
  std::error_code error;
  std::filesystem::create_directories(directory_.parent_path(), error);
  if (::mkdir(directory_.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return ErrnoError(directory_.string(), errno);
  }
  return SyncDirectory(directory_.parent_path());
}

Status FileStorage::Sync(const std::string& name) {
  if (name != name_) {
    if (Status opened = Open(name); !opened) return opened;
  }
  if (::fdatasync(fd_.get()) != 0) {
    const Error error = ErrnoError(PathOf(name), errno);
    Close();  // The kernel may have forgotten what it could not write: never trust this file again.
    return error;
  }
  if (is_named_) return {};
  if (Status synced = SyncDirectory(directory_); !synced) return synced;
  is_named_ = true;
  return {};
}

Status FileStorage::Truncate(const std::string& name, Bytes size) {
  const std::string path = PathOf(name);
  if (::truncate(path.c_str(), static_cast<off_t>(size.count)) != 0) return ErrnoError(path, errno);
  return {};
}

Status FileStorage::Remove(const std::string& name) {
  if (name == name_) Close();
  const std::string path = PathOf(name);
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return ErrnoError(path, errno);
  }
  return SyncDirectory(directory_);
}

Result<Storage::Space> FileStorage::FreeSpace() {
  struct statvfs stats{};
  int result = ::statvfs(directory_.c_str(), &stats);
  if (result != 0 && errno == ENOENT) result = ::statvfs(directory_.parent_path().c_str(), &stats);
  if (result != 0) return ErrnoError(directory_.string(), errno);
  Space space{.free = {std::uint64_t{stats.f_bavail} * stats.f_frsize}, .inodes = stats.f_files};
  if (stats.f_files != 0) space.free_inodes = stats.f_favail;
  return space;
}

void FileStorage::Close() {
  fd_.Reset();
  name_.clear();
}

}  // namespace edgefeed
