#include "collector/uploads/stored_files.h"

#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr const char* kOwner = "user.edgefeed.device";
// Of a device's name there are 128 bytes at most.
constexpr std::size_t kMostBytes = 256;

std::string OwnerOf(const fs::path& file) {
  std::array<char, kMostBytes> name{};
  const ssize_t size = ::getxattr(file.c_str(), kOwner, name.data(), name.size());
  return size > 0 ? std::string(name.data(), static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

Result<StoredFiles> StoredFiles::Count(fs::path directory) {
  StoredFiles files(std::move(directory));
  if (const Status counted = files.CountAgain(); !counted) return counted.error();
  return files;
}

Status StoredFiles::SetOwner(const fs::path& file, const std::string& device) {
  if (device.empty()) return {};
  if (::setxattr(file.c_str(), kOwner, device.data(), device.size(), 0) == 0) return {};
  return errno == ENOTSUP ? Status() : Status(ErrnoError(file.string(), errno));
}

void StoredFiles::Add(const std::string& device, Bytes size) {
  all_.count += size.count;
  if (!device.empty()) of_devices_[device] += size.count;
}

Status StoredFiles::CountAgain() {
  struct stat now{};
  if (::stat(directory_.c_str(), &now) != 0) return ErrnoError(directory_.string(), errno);
  const bool is_same =
      now.st_mtim.tv_sec == changed_.tv_sec && now.st_mtim.tv_nsec == changed_.tv_nsec;
  if (is_same) return {};
  changed_ = now.st_mtim;
  all_ = {};
  of_devices_.clear();
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_regular_file(gone)) continue;
    if (const auto size = entry->file_size(gone); !gone) Add(OwnerOf(entry->path()), {size});
  }
  return error ? Status(ErrnoError(directory_.string(), error.value())) : Status();
}

Bytes StoredFiles::of(const std::string& device) const {
  const auto found = of_devices_.find(device);
  return found == of_devices_.end() ? Bytes() : Bytes{found->second};
}

}  // namespace edgefeed
