#include "agent/enrol/board_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/base/unique_fd.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAgentGroup = "edgefeed-agent:";

fs::path DirectoryOf(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

// Of /etc/group, which a statically linked program cannot ask for by getgrnam().
std::optional<gid_t> AgentGroup() {
  const auto text = ReadSmallFile("/etc/group");
  if (!text) return std::nullopt;
  std::string_view rest = *text;
  while (auto line = NextLine(rest)) {
    if (!line->starts_with(kAgentGroup)) continue;
    line->remove_prefix(kAgentGroup.size());
    const auto begin = line->find(':');
    if (begin == std::string_view::npos) return std::nullopt;
    line->remove_prefix(begin + 1);
    return ParseNumber<gid_t>(line->substr(0, line->find(':')));
  }
  return std::nullopt;
}

struct Owner {
  uid_t user = 0;
  gid_t group = 0;
};

Result<Owner> OwnerFor(const fs::path& file, FileAccess access) {
  struct stat found{};
  if (::stat(file.c_str(), &found) == 0) return Owner{found.st_uid, found.st_gid};
  if (access == FileAccess::kEverybody) return Owner{0, 0};
  if (const auto group = AgentGroup()) return Owner{0, *group};
  const fs::path directory = DirectoryOf(file);
  if (::stat(directory.c_str(), &found) != 0) return ErrnoError(directory.string(), errno);
  return Owner{found.st_uid, found.st_gid};
}

// Only root may give a file away.
Status SetAccess(int fd, const fs::path& file, FileAccess access) {
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    const auto owner = OwnerFor(file, access);
    if (!owner) return owner.error();
    const bool is_own = owner->user == 0 && owner->group == ::getegid();
    // Where a service may not make the call, as it need not.
    if (!is_own && ::fchown(fd, owner->user, owner->group) != 0) {
      return ErrnoError(file.string(), errno);
    }
  }
  const mode_t for_agent = is_root ? 0640 : 0600;
  if (::fchmod(fd, access == FileAccess::kAgent ? for_agent : 0644) != 0) {
    return ErrnoError(file.string(), errno);
  }
  return {};
}

Status WriteUnfinished(const fs::path& unfinished, std::string_view bytes, const fs::path& file,
                       FileAccess access) {
  ::unlink(unfinished.c_str());
  const UniqueFd fd(
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return ErrnoError(unfinished.string(), errno);
  Status done = WriteAll(fd.get(), bytes, unfinished.string());
  if (done) done = SetAccess(fd.get(), file, access);
  if (done && ::fsync(fd.get()) != 0) done = ErrnoError(unfinished.string(), errno);
  return done;
}

}  // namespace

Status WriteBoardFile(const fs::path& file, std::string_view bytes, FileAccess access) {
  const fs::path unfinished = file.string() + std::string(kUnfinished);
  Status done = WriteUnfinished(unfinished, bytes, file, access);
  if (done && ::rename(unfinished.c_str(), file.c_str()) != 0) {
    done = ErrnoError(file.string(), errno);
  }
  if (done) return SyncDirectory(DirectoryOf(file));
  ::unlink(unfinished.c_str());
  return done;
}

Status MoveBoardFile(const fs::path& from, const fs::path& to, FileAccess access) {
  const UniqueFd fd(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return ErrnoError(from.string(), errno);
  if (Status set = SetAccess(fd.get(), to, access); !set) return set;
  if (::fsync(fd.get()) != 0) return ErrnoError(from.string(), errno);
  if (::rename(from.c_str(), to.c_str()) != 0) return ErrnoError(to.string(), errno);
  return SyncDirectory(DirectoryOf(to));
}

}  // namespace edgefeed
