#include "common/runtime/stale_socket.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/base/unique_fd.h"

namespace edgefeed {

Status RemoveStaleSocket(const std::string& path, const UnixAddress& address, int type) {
  struct stat file{};
  if (::lstat(path.c_str(), &file) != 0) {
    return errno == ENOENT ? Status() : ErrnoError(path, errno);
  }
  if (!S_ISSOCK(file.st_mode)) return Error{Code::kAlreadyExists, path + ": is no socket"};
  const UniqueFd trial(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!trial.valid()) return ErrnoError(path, errno);
  // EAGAIN: somebody is there who has much to do. EPROTOTYPE: somebody, with another type.
  if (::connect(trial.get(), address.get(), address.size) == 0 || errno == EAGAIN ||
      errno == EPROTOTYPE) {
    return Error{Code::kAlreadyExists, path + ": another process answers there"};
  }
  if (errno != ECONNREFUSED || ::unlink(path.c_str()) != 0) return ErrnoError(path, errno);
  return {};
}

}  // namespace edgefeed
