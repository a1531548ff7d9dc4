#include "collector/uploads/upload_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
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
  std::unique_ptr<UploadStore> store(new UploadStore(std::move(directory), limits));
  for (fs::directory_iterator entry(store->directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (entry->is_regular_file(gone)) store->used_.count += entry->file_size(gone);
  }
  if (error) return ErrnoError(store->directory_.string(), error.value());
  return store;
}

Result<std::unique_ptr<IncomingFile>> UploadStore::Create(const std::string& name) {
  fs::path partial = directory_ / kPartialDirectory / std::to_string(next_partial_++);
  UniqueFd fd(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!fd.valid()) return ErrnoError(partial.string(), errno);
  return std::unique_ptr<IncomingFile>(
      new IncomingFile(*this, name, std::move(partial), std::move(fd)));
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

Result<std::string> UploadStore::Adopt(const fs::path& file, const std::string& name) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) return ErrnoError(file.string(), error.value());
  auto path = Link(file, name);
  if (!path) return path.error();
  used_.count += size;
  if (const Status synced = SyncDirectory(directory_); !synced) return synced.error();
  return path->filename().string();
}

IncomingFile::IncomingFile(UploadStore& store, std::string name, fs::path partial, UniqueFd fd)
    : store_(store), name_(std::move(name)), partial_(std::move(partial)), fd_(std::move(fd)) {}

IncomingFile::~IncomingFile() {
  if (partial_.empty()) return;
  ::unlink(partial_.c_str());
  store_.used_.count -= size_.count;
}

Status IncomingFile::Append(std::string_view data) {
  if (size_.count + data.size() > store_.limits_.max_file_size.count) {
    return Error{Code::kResourceExhausted, "larger than " +
                                               FormatBytes(store_.limits_.max_file_size) +
                                               " (uploads.max_file_size of the collector)"};
  }
  if (store_.used_.count + store_.elsewhere_.count + data.size() > store_.limits_.quota.count) {
    return Error{Code::kResourceExhausted, "the collector's " + FormatBytes(store_.limits_.quota) +
                                               " for uploads are used up (uploads.quota)"};
  }
  while (!data.empty()) {
    const ssize_t n = ::write(fd_.get(), data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return ErrnoError("the collector's disk", errno);
    data.remove_prefix(static_cast<std::size_t>(n));
    size_.count += static_cast<std::uint64_t>(n);
    store_.used_.count += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<StoredUpload> IncomingFile::Publish() {
  if (::fsync(fd_.get()) != 0) return ErrnoError("the collector's disk", errno);
  auto path = store_.Link(partial_, name_);
  if (!path) return path.error();
  ::unlink(partial_.c_str());
  partial_.clear();
  if (const Status synced = SyncDirectory(store_.directory_); !synced) return synced.error();
  return StoredUpload{.path = std::move(*path), .size = size_};
}

}  // namespace edgefeed
