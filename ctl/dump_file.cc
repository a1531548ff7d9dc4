#include "ctl/dump_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "common/base/file.h"
#include "common/compress/zstd_stream.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kStep = std::size_t{1} << 20;

// Calls `take` with all of the file, piece by piece.
template <typename Take>
Status ReadAll(const UniqueFd& fd, const fs::path& path, Take take) {
  std::string buffer(kStep, '\0');
  for (off_t at = 0;;) {
    const ssize_t n = ::pread(fd.get(), buffer.data(), buffer.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError(path.string(), errno);
    if (n == 0) return {};
    at += n;
    if (Status taken = take(std::string_view(buffer).substr(0, static_cast<std::size_t>(n)));
        !taken) {
      return taken;
    }
  }
}

}  // namespace

DumpFile::DumpFile(fs::path file, const DumpEntry& dump)
    : file_(std::move(file)),
      partial_(file_.string() + ".partial"),
      size_bytes_(dump.size_bytes),
      sha256_(dump.sha256),
      unpack_(dump.info.compression == "zstd" && file_.extension() != ".zst") {}

Result<DumpFile> DumpFile::Open(fs::path path, const DumpEntry& dump) {
  DumpFile file(std::move(path), dump);
  std::error_code error;
  if (fs::exists(fs::symlink_status(file.file_, error))) {
    return Error{Code::kAlreadyExists, file.file_.string() + ": is there already (move it away)"};
  }
  // Only the owner: a core has the process's secrets in it.
  file.fd_.Reset(::open(file.partial_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.fd_.valid()) return ErrnoError(file.partial_.string(), errno);
  const off_t end = ::lseek(file.fd_.get(), 0, SEEK_END);
  if (end < 0) return ErrnoError(file.partial_.string(), errno);
  file.received_bytes_ = static_cast<std::uint64_t>(end);
  if (file.received_bytes_ <= file.size_bytes_) return file;
  // Of another dump. What is smaller and of another one is found out in the end.
  if (::ftruncate(file.fd_.get(), 0) != 0 || ::lseek(file.fd_.get(), 0, SEEK_SET) != 0) {
    return ErrnoError(file.partial_.string(), errno);
  }
  file.received_bytes_ = 0;
  return file;
}

Status DumpFile::Expect(std::uint64_t size_bytes, const Sha256Digest& sha256) {
  if (size_bytes == size_bytes_ && sha256 == sha256_) return {};
  return Error{Code::kAborted, file_.string() + ": the dump was replaced meanwhile (try again)"};
}

Status DumpFile::Take(std::string_view bytes) {
  if (Status written = WriteAll(fd_.get(), bytes, partial_.string()); !written) return written;
  received_bytes_ += bytes.size();
  if (on_progress_) on_progress_(received_bytes_);
  return {};
}

Status DumpFile::Verify() {
  Sha256 hash;
  Status read = ReadAll(fd_, partial_, [&](std::string_view bytes) {
    hash.Update(bytes);
    return Status();
  });
  if (!read) return read;
  if (received_bytes_ == size_bytes_ && hash.Finish() == sha256_) return {};
  ::unlink(partial_.c_str());
  return Error{Code::kDataLoss, file_.string() +
                                    ": what came is not the dump (the next try begins anew; was " +
                                    partial_.string() + " of another one?)"};
}

Status DumpFile::Rename(const fs::path& from) {
  if (::rename(from.c_str(), file_.c_str()) != 0) return ErrnoError(file_.string(), errno);
  const fs::path directory = file_.has_parent_path() ? file_.parent_path() : fs::path(".");
  return SyncDirectory(directory);
}

Result<Bytes> DumpFile::Unpack() {
  const fs::path target = file_.string() + ".unpacking";
  ::unlink(target.c_str());
  const UniqueFd out(
      ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out.valid()) return ErrnoError(target.string(), errno);
  ZstdDecompressor zstd;
  Bytes size;
  std::string unpacked;
  Status done = ReadAll(fd_, partial_, [&](std::string_view bytes) {
    do {
      unpacked.clear();
      if (Status step = zstd.Step(bytes, unpacked); !step) return step;
      size.count += unpacked.size();
      if (Status written = WriteAll(out.get(), unpacked, target.string()); !written) return written;
    } while (!bytes.empty() || !unpacked.empty());
    return Status();
  });
  if (done && !zstd.at_frame_end()) {
    done = Error{Code::kDataLoss, file_.string() + ": the dump's compressed bytes end too early"};
  }
  if (done && ::fsync(out.get()) != 0) done = ErrnoError(target.string(), errno);
  if (done) done = Rename(target);
  if (!done) {
    ::unlink(target.c_str());
    return done.error();
  }
  ::unlink(partial_.c_str());
  return size;
}

Result<Bytes> DumpFile::Publish() {
  if (const Status verified = Verify(); !verified) return verified.error();
  if (unpack_) return Unpack();
  if (::fsync(fd_.get()) != 0) return ErrnoError(partial_.string(), errno);
  if (const Status renamed = Rename(partial_); !renamed) return renamed.error();
  return Bytes{size_bytes_};
}

}  // namespace edgefeed
