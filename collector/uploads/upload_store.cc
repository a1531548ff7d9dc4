#include "collector/uploads/upload_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "common/base/file.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::string_view kPartialDirectory = ".partial";
// So many files of one name are kept beside each other.
constexpr int kMaxVersions = 10'000;
// When there may be room again: dumps expire, and somebody clears files away.
constexpr std::chrono::minutes kRoomAgain{5};

// A disk that is full is none of the client's doing.
Error DiskError(int error_number) {
  Error error = ErrnoError("the collector's disk", error_number);
  if (error.code == Code::kResourceExhausted) error.retry_after = kRoomAgain;
  return error;
}

}  // namespace

Status CheckUploadName(std::string_view name) {
  const auto control = [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; };
  std::string_view wrong;
  if (name.empty())
    wrong = "is empty";
  else if (name.size() > kMaxName)
    wrong = "is longer than 255 bytes";
  else if (name.front() == '.')
    wrong = "starts with a dot";
  else if (name.find('/') != std::string_view::npos)
    wrong = "holds a '/'";
  else if (std::ranges::any_of(name, control))
    wrong = "holds a control character";
  if (wrong.empty()) return {};
  std::string shown(name.substr(0, 80));
  std::ranges::replace_if(shown, control, '?');
  return Error{Code::kInvalidArgument, "filename '" + shown + "' " + std::string(wrong)};
}

Result<std::unique_ptr<UploadStore>> UploadStore::Open(fs::path directory,
                                                       const UploadLimits& limits) {
  std::error_code error;
  const fs::path partial = directory / kPartialDirectory;
  fs::remove_all(partial, error);
  fs::create_directories(partial, error);
  if (error) return ErrnoError(partial.string(), error.value());
  auto stored = StoredFiles::Count(directory);
  if (!stored) return stored.error();
  return std::unique_ptr<UploadStore>(
      new UploadStore(std::move(directory), limits, *std::move(stored)));
}

Result<std::unique_ptr<IncomingFile>> UploadStore::Create(const std::string& name,
                                                          const std::string& device) {
  fs::path partial = directory_ / kPartialDirectory / std::to_string(next_partial_++);
  UniqueFd fd(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!fd.valid()) return ErrnoError(partial.string(), errno);
  if (const Status owned = StoredFiles::SetOwner(partial, device); !owned) return owned.error();
  return std::unique_ptr<IncomingFile>(
      new IncomingFile(*this, name, device, std::move(partial), std::move(fd)));
}

Bytes UploadStore::used_by(const std::string& device) const {
  const auto arriving = arriving_of_.find(device);
  return {stored_.of(device).count + (arriving == arriving_of_.end() ? 0 : arriving->second)};
}

Status UploadStore::CheckQuotas(const std::string& device, std::size_t more) const {
  if (used().count + elsewhere_.count + more > limits_.quota.count) {
    return Error{Code::kResourceExhausted,
                 "the collector's " + FormatBytes(limits_.quota) +
                     " for uploads are used up (uploads.quota)",
                 kRoomAgain};
  }
  if (!device.empty() && used_by(device).count + more > limits_.device_quota.count) {
    return Error{
        Code::kResourceExhausted,
        "the device's " + FormatBytes(limits_.device_quota) + " are used up (uploads.device_quota)",
        kRoomAgain};
  }
  return {};
}

void UploadStore::Arrived(const std::string& device, std::uint64_t bytes) {
  arriving_.count += bytes;
  if (!device.empty()) arriving_of_[device] += bytes;
}

void UploadStore::NoLongerArriving(const std::string& device, std::uint64_t bytes) {
  arriving_.count -= bytes;
  const auto found = arriving_of_.find(device);
  if (found != arriving_of_.end() && (found->second -= bytes) == 0) arriving_of_.erase(found);
}

// link() never replaces: two uploads of one name both stay.
Result<fs::path> UploadStore::Link(const fs::path& partial, const std::string& name) {
  for (int version = 0; version < kMaxVersions; ++version) {
    fs::path target = directory_ / name;
    if (version > 0) target += ".~" + std::to_string(version) + "~";
    if (::link(partial.c_str(), target.c_str()) == 0) return target;
    if (errno != EEXIST) return ErrnoError(target.string(), errno);
  }
  return Error{Code::kResourceExhausted, (directory_ / name).string() + ": " +
                                             std::to_string(kMaxVersions) +
                                             " files of that name are stored already"};
}

Result<std::string> UploadStore::Adopt(const fs::path& file, const std::string& name,
                                       const std::string& device) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) return ErrnoError(file.string(), error.value());
  if (const Status owned = StoredFiles::SetOwner(file, device); !owned) return owned.error();
  auto path = Link(file, name);
  if (!path) return path.error();
  stored_.Add(device, {size});
  if (const Status synced = SyncDirectory(directory_); !synced) return synced.error();
  return path->filename().string();
}

IncomingFile::IncomingFile(UploadStore& store, std::string name, std::string device,
                           fs::path partial, UniqueFd fd)
    : store_(store),
      name_(std::move(name)),
      device_(std::move(device)),
      partial_(std::move(partial)),
      fd_(std::move(fd)) {}

IncomingFile::~IncomingFile() {
  if (partial_.empty()) return;
  ::unlink(partial_.c_str());
  store_.NoLongerArriving(device_, size_.count);
}

Status IncomingFile::Append(std::string_view data) {
  if (size_.count + data.size() > store_.limits_.max_file_size.count) {
    return Error{Code::kResourceExhausted, "larger than " +
                                               FormatBytes(store_.limits_.max_file_size) +
                                               " (uploads.max_file_size of the collector)"};
  }
  if (!store_.CheckQuotas(device_, data.size())) {
    if (const Status counted = store_.CountAgain(); !counted) return counted;
    if (const Status fits = store_.CheckQuotas(device_, data.size()); !fits) return fits;
  }
  while (!data.empty()) {
    const ssize_t n = ::write(fd_.get(), data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return DiskError(errno);
    data.remove_prefix(static_cast<std::size_t>(n));
    size_.count += static_cast<std::uint64_t>(n);
    store_.Arrived(device_, static_cast<std::uint64_t>(n));
  }
  return {};
}

Result<StoredUpload> IncomingFile::Publish() {
  if (::fsync(fd_.get()) != 0) return DiskError(errno);
  auto path = store_.Link(partial_, name_);
  if (!path) return path.error();
  ::unlink(partial_.c_str());
  partial_.clear();
  store_.NoLongerArriving(device_, size_.count);
  store_.stored_.Add(device_, size_);
  if (const Status synced = SyncDirectory(store_.directory_); !synced) return synced.error();
  return StoredUpload{.path = std::move(*path), .size = size_};
}

}  // namespace edgefeed
