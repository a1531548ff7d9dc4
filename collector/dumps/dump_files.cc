#include "collector/dumps/dump_files.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "common/base/file.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kFolderDigits = 2;

Error FileError(const fs::path& path, const std::error_code& error) {
  return ErrnoError(path.string(), error.value());
}

}  // namespace

Result<DumpFiles> DumpFiles::Open(fs::path directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return FileError(directory, error);
  return DumpFiles(std::move(directory));
}

fs::path DumpFiles::PathOf(const Sha256Digest& sha256) const {
  const std::string name = ToString(sha256);
  return directory_ / name.substr(0, kFolderDigits) / name;
}

Status DumpFiles::Adopt(const fs::path& file, const Sha256Digest& sha256) {
  const fs::path path = PathOf(sha256);
  std::error_code error;
  if (fs::create_directory(path.parent_path(), error)) {
    if (const Status synced = SyncDirectory(directory_); !synced) return synced;
  }
  if (error) return FileError(path.parent_path(), error);
  if (::renameat2(AT_FDCWD, file.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno != EEXIST) return ErrnoError(path.string(), errno);
    ::unlink(file.c_str());
  }
  return SyncDirectory(path.parent_path());
}

bool DumpFiles::Has(const Sha256Digest& sha256, std::uint64_t size_bytes) const {
  std::error_code error;
  return fs::file_size(PathOf(sha256), error) == size_bytes && !error;
}

Result<UniqueFd> DumpFiles::Read(const Sha256Digest& sha256) const {
  const fs::path path = PathOf(sha256);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return ErrnoError(path.string(), errno);
  return fd;
}

Status DumpFiles::Remove(const Sha256Digest& sha256) const {
  const fs::path path = PathOf(sha256);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return ErrnoError(path.string(), errno);
  return {};
}

void DumpFiles::RemoveUnless(const std::function<bool(const std::string& name)>& wanted) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored) || wanted(entry->path().filename().string())) continue;
    spdlog::warn("{}: of no dump, removed", entry->path().string());
    fs::remove(entry->path(), ignored);
  }
  if (error) spdlog::error("{}: {}", directory_.string(), error.message());
}

}  // namespace edgefeed
