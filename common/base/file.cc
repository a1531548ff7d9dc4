#include "common/base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/unique_fd.h"

namespace edgefeed {
namespace {

constexpr mode_t kFileMode = 0600;

Status WriteAndSync(int fd, std::string_view bytes, const std::string& path) {
  if (Status written = WriteAll(fd, bytes, path); !written) return written;
  if (::fsync(fd) != 0) return ErrnoError(path, errno);
  return {};
}

}  // namespace

Result<std::string> ReadSmallFile(const std::filesystem::path& path, std::size_t max_bytes) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return ErrnoError(path.string(), errno);
  std::string text;
  std::size_t used = 0;
  while (true) {
    if (text.size() == used) text.resize(used + 4096);
    const ssize_t n = ::read(file.get(), text.data() + used, text.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError(path.string(), errno);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (used > max_bytes) {
      return Error{Code::kResourceExhausted,
                   path.string() + ": larger than " + std::to_string(max_bytes) + " bytes"};
    }
  }
  text.resize(used);
  return text;
}

Status WriteAll(int fd, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError(name, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Status ReplaceFile(const std::filesystem::path& file, std::string_view bytes) {
  const std::string unfinished = file.string() + std::string(kUnfinished);
  Status written;
  {
    const UniqueFd fd(::open(unfinished.c_str(),
                             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!fd.valid()) return ErrnoError(unfinished, errno);
    written = WriteAndSync(fd.get(), bytes, unfinished);
  }
  if (written && ::rename(unfinished.c_str(), file.c_str()) != 0) {
    written = ErrnoError(file.string(), errno);
  }
  if (!written) {
    ::unlink(unfinished.c_str());
    return written;
  }
  return SyncDirectory(file.parent_path());
}

Status SyncDirectory(const std::filesystem::path& directory) {
  const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError(directory.string(), errno);
  if (::fsync(fd.get()) != 0) return ErrnoError(directory.string(), errno);
  return {};
}

}  // namespace edgefeed
