#include "ctl/backup_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>

#include "common/base/file.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr mode_t kFileMode = 0640;

bool IsPlainName(std::string_view name) {
  return !name.empty() && name[0] != '.' && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
  });
}

// "meta.db", "raw/2026-11-25T09.db": nothing that leads out of the directory.
bool IsPlainPath(std::string_view path) {
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return IsPlainName(path);
  return IsPlainName(path.substr(0, slash)) && IsPlainName(path.substr(slash + 1));
}

Status CheckIsFree(const fs::path& directory) {
  std::error_code error;
  const auto status = fs::symlink_status(directory, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (status.type() != fs::file_type::directory) {
    return Error{Code::kAlreadyExists, directory.string() + ": exists, and is no directory"};
  }
  const bool is_empty = fs::is_empty(directory, error);
  if (error) return ErrnoError(directory.string(), error.value());
  if (is_empty) return {};
  return Error{Code::kAlreadyExists,
               directory.string() + ": is not empty (a backup wants a directory of its own)"};
}

}  // namespace

Result<BackupDirectory> BackupDirectory::Create(const fs::path& directory) {
  std::error_code error;
  fs::path target = fs::absolute(directory, error).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();  // "DIR/"
  if (const Status free = CheckIsFree(target); !free) return free.error();
  const fs::path partial = target.string() + ".partial";
  if (fs::exists(partial, error)) {
    return Error{Code::kAlreadyExists, partial.string() +
                                           ": is left of a backup that did not end, or is being "
                                           "written by another one (remove it in the first case)"};
  }
  fs::create_directories(partial, error);
  if (error) return ErrnoError(partial.string(), error.value());
  return BackupDirectory(std::move(target), partial);
}

Status BackupDirectory::Take(const BackupPiece& piece) {
  if (piece.offset == 0) {
    if (Status begun = Begin(piece); !begun) return begun;
  }
  const bool fits = file_.valid() && piece.path == path_ && piece.offset == written_bytes_ &&
                    piece.offset <= piece.file_bytes &&
                    piece.data.size() <= piece.file_bytes - piece.offset;
  if (!fits) return Error{Code::kDataLoss, "the collector leaves out a part of " + path_};
  if (Status written = Write(piece.data); !written) return written;
  if (on_progress_) on_progress_(received_.bytes + written_bytes_, planned_.bytes);
  return written_bytes_ == piece.file_bytes ? EndFile() : Status();
}

Status BackupDirectory::Begin(const BackupPiece& piece) {
  if (file_.valid()) return Error{Code::kDataLoss, "the collector leaves out a part of " + path_};
  if (!IsPlainPath(piece.path)) {
    return Error{Code::kInvalidArgument, "the collector sends a file of the name '" + piece.path +
                                             "', which is none of a history"};
  }
  const fs::path file = partial_ / piece.path;
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  if (error) return ErrnoError(file.parent_path().string(), error.value());
  file_ = UniqueFd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (!file_.valid()) return ErrnoError(file.string(), errno);
  path_ = piece.path;
  written_bytes_ = 0;
  return {};
}

Status BackupDirectory::Write(std::string_view data) {
  written_bytes_ += data.size();
  return WriteAll(file_.get(), data, (partial_ / path_).string());
}

Status BackupDirectory::EndFile() {
  if (::fsync(file_.get()) != 0) return ErrnoError((partial_ / path_).string(), errno);
  file_.Reset();
  ++received_.files;
  received_.bytes += written_bytes_;
  return {};
}

Status BackupDirectory::Publish() {
  if (file_.valid()) return Error{Code::kDataLoss, "the collector leaves out a part of " + path_};
  std::error_code error;
  for (fs::recursive_directory_iterator entry(partial_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_directory()) continue;
    if (Status synced = SyncDirectory(entry->path()); !synced) return synced;
  }
  if (error) return ErrnoError(partial_.string(), error.value());
  if (Status synced = SyncDirectory(partial_); !synced) return synced;
  // An empty directory of that name gives way.
  if (::rename(partial_.c_str(), directory_.c_str()) != 0) {
    return ErrnoError(directory_.string(), errno);
  }
  return SyncDirectory(directory_.parent_path());
}

bool BackupDirectory::Abandon() {
  file_.Reset();
  std::error_code not_empty;
  fs::remove(partial_, not_empty);
  return fs::exists(partial_, not_empty);
}

}  // namespace edgefeed
