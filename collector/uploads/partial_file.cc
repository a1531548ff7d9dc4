#include "collector/uploads/partial_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/base/file.h"

namespace edgefeed {

PartialFile::PartialFile(std::filesystem::path path, UniqueFd fd)
    : path_(std::move(path)), fd_(std::move(fd)) {}

Result<PartialFile> PartialFile::Open(std::filesystem::path path, std::uint64_t committed_bytes) {
  const int create = committed_bytes == 0 ? O_CREAT : 0;
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | create, 0600));
  if (!fd.valid()) {
    Error error = ErrnoError(path.string(), errno);
    if (errno == ENOENT) error.code = Code::kDataLoss;
    return error;
  }
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return ErrnoError(path.string(), errno);
  if (static_cast<std::uint64_t>(status.st_size) < committed_bytes) {
    return Error{Code::kDataLoss, path.string() + ": shorter than the " +
                                      std::to_string(committed_bytes) + " bytes that were stored"};
  }
  if (::ftruncate(fd.get(), static_cast<off_t>(committed_bytes)) != 0) {
    return ErrnoError(path.string(), errno);
  }
  if (committed_bytes == 0) {
    if (const Status synced = SyncDirectory(path.parent_path()); !synced) return synced.error();
  }
  return PartialFile(std::move(path), std::move(fd));
}

Status PartialFile::Write(std::uint64_t offset, std::string_view data) {
  const std::uint64_t start = offset;
  while (!data.empty()) {
    const ssize_t n = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError("the collector's disk", errno);
    data.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  // The disk begins now, while the next bytes come, and Sync() has less to wait for. Only advice:
  // what fails, fails there.
  static_cast<void>(::sync_file_range(fd_.get(), static_cast<off_t>(start),
                                      static_cast<off_t>(offset - start), SYNC_FILE_RANGE_WRITE));
  return {};
}

Status PartialFile::Sync() const {
  if (::fdatasync(fd_.get()) != 0) return ErrnoError("the collector's disk", errno);
  return {};
}

}  // namespace edgefeed
