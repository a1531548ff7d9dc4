#include "bench/upload/test_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <utility>

namespace edgefeed::bench {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

Result<TestFile> TestFile::Create(const std::filesystem::path& directory, Bytes size) {
  UniqueFd fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd.valid()) return ErrnoError(directory.string(), errno);
  TestFile file(std::move(fd), size);
  if (const Status filled = file.Fill(); !filled) return filled.error().Wrap(directory.string());
  return file;
}

Status TestFile::Fill() {
  std::mt19937_64 random(std::random_device{}());
  Sha256 digest;
  std::string piece(kPiece, '\0');
  for (std::uint64_t at = 0; at < size_.count; at += kPiece) {
    for (std::size_t i = 0; i < kPiece; i += 8) {
      const std::uint64_t word = random();
      piece.replace(i, 8, reinterpret_cast<const char*>(&word), 8);
    }
    piece.resize(std::min<std::uint64_t>(kPiece, size_.count - at));
    digest.Update(piece);
    if (::pwrite(fd_.get(), piece.data(), piece.size(), static_cast<off_t>(at)) !=
        static_cast<ssize_t>(piece.size())) {
      return ErrnoError("write", errno);
    }
  }
  sha256_ = digest.Finish();
  return {};
}

Result<std::string> TestFile::Read(std::uint64_t offset, std::size_t most) const {
  std::string bytes(most, '\0');
  const ssize_t got = ::pread(fd_.get(), bytes.data(), most, static_cast<off_t>(offset));
  if (got < 0) return ErrnoError("read", errno);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

}  // namespace edgefeed::bench
