#include "ctl/upload_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace edgefeed {
namespace {

constexpr std::size_t kWholeFileChunkBytes = std::size_t{256} << 10;

}  // namespace

Result<UploadFile> UploadFile::Open(const std::string& file) {
  const bool is_stdin = file == "-";
  UniqueFd fd(is_stdin ? ::dup(STDIN_FILENO) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  const std::string name = is_stdin ? "standard input" : file;
  if (!fd.valid()) return ErrnoError(name, errno);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return ErrnoError(name, errno);
  if (S_ISDIR(status.st_mode)) {
    return Error{Code::kInvalidArgument, name + ": is a directory (upload its files one by one)"};
  }
  UploadFile upload(name, std::move(fd));
  if (!is_stdin && S_ISREG(status.st_mode)) {
    upload.size_bytes_ = static_cast<std::uint64_t>(status.st_size);
  }
  return upload;
}

Result<std::string> UploadFile::ReadChunk() {
  std::string data(kWholeFileChunkBytes, '\0');
  std::size_t filled = 0;
  while (filled < data.size()) {
    const ssize_t got = ::read(fd_.get(), data.data() + filled, data.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(file_, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  data.resize(filled);
  return data;
}

Result<std::string> UploadFile::ReadAt(std::uint64_t offset, std::size_t size) const {
  std::string data(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::pread(fd_.get(), data.data() + filled, size - filled,
                                static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(file_, errno);
    if (got == 0) return CheckUnchanged(offset + filled).error();
    filled += static_cast<std::size_t>(got);
  }
  return data;
}

Status UploadFile::CheckUnchanged(std::uint64_t read_bytes) const {
  if (!size_bytes_ || *size_bytes_ == read_bytes) return {};
  return Error{Code::kAborted, file_ + ": changed while it was read, from " +
                                   std::to_string(*size_bytes_) + " to " +
                                   std::to_string(read_bytes) +
                                   " bytes; nothing was kept (upload it when nobody writes to it)"};
}

Result<UploadChunk> UploadFile::Next() {
  if (on_progress_) on_progress_(sent_bytes_);
  Result<std::string> data = ahead_ ? Result<std::string>(std::move(*ahead_)) : ReadChunk();
  if (!data) return data.error();
  auto next = ReadChunk();
  if (!next) return next.error();
  const bool is_last = next->empty();
  sent_bytes_ += data->size();
  if (is_last) {
    if (const Status unchanged = CheckUnchanged(sent_bytes_); !unchanged) return unchanged.error();
  }
  ahead_ = std::move(*next);
  return UploadChunk{std::move(*data), is_last};
}

}  // namespace edgefeed
