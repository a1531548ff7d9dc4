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

std::string HiddenName(const std::string& name) { return "." + name + ".tmp"; }

}  // namespace

Error DropFile::Failure(const std::string& name, int error_number) const {
  return ErrnoError((path_ / name).string(), error_number);
}

// A left-over of the same crash, from a handler that was killed, is of no use to anybody.
UniqueFd DropFile::MakeHidden(const std::string& name) const {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  const std::string hidden = HiddenName(name);
  UniqueFd fd(::openat(directory_.get(), hidden.c_str(), kFlags, 0600));
  if (fd.valid() || errno != EEXIST) return fd;
  ::unlinkat(directory_.get(), hidden.c_str(), 0);
  return UniqueFd(::openat(directory_.get(), hidden.c_str(), kFlags, 0600));
}

Result<DropFile> DropFile::Create(const fs::path& directory, std::string name, Bytes min_free) {
  UniqueFd opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!opened.valid()) return ErrnoError(directory.string(), errno);
  DropFile file(directory, std::move(opened), std::move(name), min_free);
  file.fd_ = file.MakeHidden(file.name_);
  if (!file.fd_.valid()) return file.Failure(HiddenName(file.name_), errno);
  return file;
}

DropFile::DropFile(DropFile&& other) noexcept = default;

DropFile::~DropFile() {
  if (fd_.valid()) ::unlinkat(directory_.get(), HiddenName(name_).c_str(), 0);
}

Status DropFile::CheckRoom() {
  struct statvfs space{};
  if (::fstatvfs(fd_.get(), &space) != 0) return Failure(name_, errno);
  const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
  if (free < min_free_.count) {
    return Error{Code::kResourceExhausted,
                 path_.string() + ": only " + FormatBytes({free}) + " free (crash_dumps.min_free)"};
  }
  until_check_ = kCheckEvery;
  return {};
}

Status DropFile::Append(std::string_view bytes) {
  if (until_check_.count < bytes.size()) {
    if (Status room = CheckRoom(); !room) return room;
  }
  until_check_.count -= std::min<std::uint64_t>(until_check_.count, bytes.size());
  if (Status written = WriteAll(fd_.get(), bytes, (path_ / name_).string()); !written)
    return written;
  size_.count += bytes.size();
  return {};
}

Status DropFile::Empty() {
  if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0) {
    return Failure(name_, errno);
  }
  size_ = {};
  return {};
}

// The agent, which takes the file, need not be root; without the right to give it away it stays
// ours.
Status DropFile::HandOver(const UniqueFd& fd) const {
  struct stat owner{};
  if (::fstat(directory_.get(), &owner) != 0) return Failure(name_, errno);
  if (::fchown(fd.get(), owner.st_uid, owner.st_gid) != 0 && errno != EPERM) {
    return Failure(name_, errno);
  }
  if (::fsync(fd.get()) != 0) return Failure(name_, errno);
  return {};
}

Status DropFile::Show(const std::string& name) const {
  if (::renameat(directory_.get(), HiddenName(name).c_str(), directory_.get(), name.c_str()) == 0) {
    return {};
  }
  return Failure(name, errno);
}

Status DropFile::WriteInfo(std::string_view info) const {
  const std::string name = name_ + ".info";
  const UniqueFd fd = MakeHidden(name);
  if (!fd.valid()) return Failure(HiddenName(name), errno);
  Status written = WriteAll(fd.get(), info, (path_ / name).string());
  if (written) written = HandOver(fd);
  if (written) written = Show(name);
  if (!written) ::unlinkat(directory_.get(), HiddenName(name).c_str(), 0);
  return written;
}

Result<fs::path> DropFile::Publish(std::string_view info) {
  if (const Status handed = HandOver(fd_); !handed) return handed.error();
  if (const Status written = WriteInfo(info); !written) return written.error();
  if (const Status shown = Show(name_); !shown) return shown.error();
  fd_.Reset();
  if (::fsync(directory_.get()) != 0) return ErrnoError(path_.string(), errno);
  return path_ / name_;
}

}  // namespace edgefeed
