#include "agent/proc/kernel_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/base/text.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxText = std::size_t{4} << 20;

Error FileError(const std::string& path, int error_number) {
  Error error = ErrnoError(path, error_number);
  switch (error_number) {
    case ENODEV:
    case ENXIO: error.code = Code::kNotFound; break;
    case EOPNOTSUPP: error.code = Code::kUnimplemented; break;
    case EAGAIN:
    case EBUSY:
    case EINVAL:
    case ENODATA: error.code = Code::kUnavailable; break;
    default: break;
  }
  return error;
}

ssize_t ReadAt(int fd, char* to, std::size_t size, std::size_t offset) {
  while (true) {
    const ssize_t n = ::pread(fd, to, size, static_cast<off_t>(offset));
    if (n >= 0 || errno != EINTR) return n;
  }
}

}  // namespace

Result<KernelFile> KernelFile::Open(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return FileError(path.string(), errno);
  return KernelFile(std::move(fd), path.string());
}

Result<std::string_view> KernelFile::ReadText() {
  std::size_t used = 0;
  while (true) {
    if (buffer_.size() == used) buffer_.resize(used == 0 ? 4096 : used * 2);
    const ssize_t n = ReadAt(fd_.get(), buffer_.data() + used, buffer_.size() - used, used);
    if (n < 0) return FileError(path_, errno);
    if (n == 0) return std::string_view(buffer_).substr(0, used);
    used += static_cast<std::size_t>(n);
    if (used > kMaxText) return Error{Code::kResourceExhausted, path_ + ": larger than 4 MiB"};
  }
}

Result<std::int64_t> KernelFile::ReadInteger() {
  std::array<char, 64> text{};
  const ssize_t n = ReadAt(fd_.get(), text.data(), text.size(), 0);
  if (n < 0) return FileError(path_, errno);
  const auto number = ParseNumber<std::int64_t>(Trim({text.data(), static_cast<std::size_t>(n)}));
  if (!number) return Error{Code::kDataLoss, path_ + ": not a number"};
  return *number;
}

Result<std::int64_t> ReadIntegerFile(const std::filesystem::path& path) {
  auto file = KernelFile::Open(path);
  if (!file) return file.error();
  return file->ReadInteger();
}

}  // namespace edgefeed
