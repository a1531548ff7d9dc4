#include "agent/capture/drop_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/file.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr Bytes kCheckEvery = MiB(4);

Status WriteAll(const UniqueFd& fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError(path.string(), errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

// A left-over of the same crash, from a handler that was killed, is of no use to anybody.
UniqueFd CreateFile(const fs::path& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  UniqueFd fd(::open(path.c_str(), kFlags, 0600));
  if (fd.valid() || errno != EEXIST) return fd;
  ::unlink(path.c_str());
  return UniqueFd(::open(path.c_str(), kFlags, 0600));
}

}  // namespace

Result<DropFile> DropFile::Create(fs::path directory, std::string name, Bytes min_free) {
  DropFile file(std::move(directory), std::move(name), min_free);
  file.fd_ = CreateFile(file.Hidden());
  if (!file.fd_.valid()) return ErrnoError(file.Hidden().string(), errno);
  return file;
}

DropFile::DropFile(DropFile&& other) noexcept = default;

DropFile::~DropFile() {
  if (fd_.valid()) ::unlink(Hidden().c_str());
}

Status DropFile::CheckRoom() {
  struct statvfs space{};
  if (::fstatvfs(fd_.get(), &space) != 0) return ErrnoError(Hidden().string(), errno);
  const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
  if (free < min_free_.count) {
    return Error{Code::kResourceExhausted, directory_.string() + ": only " + FormatBytes({free}) +
                                               " free (crash_dumps.min_free)"};
  }
  until_check_ = kCheckEvery;
  return {};
}

Status DropFile::Append(std::string_view bytes) {
  if (until_check_.count < bytes.size()) {
    if (Status room = CheckRoom(); !room) return room;
  }
  until_check_.count -= std::min<std::uint64_t>(until_check_.count, bytes.size());
  if (Status written = WriteAll(fd_, bytes, Hidden()); !written) return written;
  size_.count += bytes.size();
  return {};
}

Status DropFile::Empty() {
  if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0) {
    return ErrnoError(Hidden().string(), errno);
  }
  size_ = {};
  return {};
}

// The agent, which takes the file, need not be root; without the right to give it away it stays
// ours.
Status DropFile::HandOver(const UniqueFd& fd) const {
  struct stat owner{};
  if (::stat(directory_.c_str(), &owner) != 0) return ErrnoError(directory_.string(), errno);
  if (::fchown(fd.get(), owner.st_uid, owner.st_gid) != 0 && errno != EPERM) {
    return ErrnoError(name_, errno);
  }
  if (::fsync(fd.get()) != 0) return ErrnoError(name_, errno);
  return {};
}

Status DropFile::WriteInfo(std::string_view info) const {
  const fs::path hidden = directory_ / ("." + name_ + ".info.tmp");
  const UniqueFd fd = CreateFile(hidden);
  if (!fd.valid()) return ErrnoError(hidden.string(), errno);
  Status written = WriteAll(fd, info, hidden);
  if (written) written = HandOver(fd);
  const fs::path target = directory_ / (name_ + ".info");
  if (written && ::rename(hidden.c_str(), target.c_str()) != 0) {
    written = ErrnoError(target.string(), errno);
  }
  if (!written) ::unlink(hidden.c_str());
  return written;
}

Result<fs::path> DropFile::Publish(std::string_view info) {
  if (const Status handed = HandOver(fd_); !handed) return handed.error();
  if (const Status written = WriteInfo(info); !written) return written.error();
  const fs::path target = directory_ / name_;
  if (::rename(Hidden().c_str(), target.c_str()) != 0) return ErrnoError(target.string(), errno);
  fd_.Reset();
  if (const Status synced = SyncDirectory(directory_); !synced) return synced.error();
  return target;
}

}  // namespace edgefeed
