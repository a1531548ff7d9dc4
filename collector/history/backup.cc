#include "collector/history/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include "collector/history/sqlite.h"
#include "common/base/file.h"
#include "common/base/unique_fd.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

Status SyncFile(const fs::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() || ::fsync(file.get()) != 0) return ErrnoError(path.string(), errno);
  return {};
}

Status MakeDirectory(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return ErrnoError(directory.string(), error.value());
  return {};
}

// A consistent copy, whoever writes to it.
Status CopyDatabase(const fs::path& source, const fs::path& target) {
  auto database = Database::Open(source, Database::Mode::kReadOnly);
  if (!database) return database.error();
  auto copy = database->Prepare("VACUUM INTO ?");
  if (!copy) return copy.error();
  const std::string name = target.string();
  if (Status copied = copy->BindText(1, name).Run(); !copied) return copied;
  return SyncFile(target);
}

Status CopyFile(const fs::path& source, const fs::path& target) {
  std::error_code error;
  fs::copy_file(source, target, fs::copy_options::overwrite_existing, error);
  if (error) return ErrnoError(target.string(), error.value());
  return SyncFile(target);
}

using Copy = Status (*)(const fs::path& source, const fs::path& target);

// Every file with this ending.
Status CopyAll(const fs::path& source, const fs::path& target, const char* ending, Copy copy) {
  if (Status made = MakeDirectory(target); !made) return made;
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator entry(source, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ending) paths.push_back(entry->path());
  }
  if (error) return ErrnoError(source.string(), error.value());
  for (const fs::path& path : paths) {
    Status copied = copy(path, target / path.filename());
    if (!copied && fs::exists(path, error)) return copied;
  }
  return SyncDirectory(target);
}

}  // namespace

Status BackUpLog(const fs::path& source, const fs::path& target) {
  if (Status made = MakeDirectory(target); !made) return made;
  std::error_code error;
  if (!fs::is_empty(target, error) || error) {
    return Error{Code::kAlreadyExists, target.string() + ": is not empty"};
  }
  if (Status copied = CopyDatabase(source / "meta.db", target / "meta.db"); !copied) return copied;
  return CopyAll(source / "log", target / "log", ".log", &CopyFile);
}

Status BackUpPartitions(const fs::path& source, const fs::path& target) {
  for (const char* kind : {"raw", "minute", "hour"}) {
    if (Status copied = CopyAll(source / kind, target / kind, ".db", &CopyDatabase); !copied) {
      return copied;
    }
  }
  // Last, so that all that the partitions use has its name.
  if (Status copied = CopyAll(source / "names", target / "names", ".log", &CopyFile); !copied) {
    return copied;
  }
  return SyncDirectory(target);
}

}  // namespace edgefeed
