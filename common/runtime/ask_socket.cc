#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/base/unique_fd.h"
#include "common/runtime/answer_socket.h"
#include "common/runtime/unix_address.h"

namespace edgefeed {
namespace {

Error ErrorAt(const std::filesystem::path& path, int error_number) {
  Error error = ErrnoError(path.string(), error_number);
  if (error_number == ENOENT || error_number == ECONNREFUSED) error.code = Code::kNotFound;
  if (error_number == EACCES || error_number == EPERM) error.code = Code::kPermissionDenied;
  if (error_number == EAGAIN) {
    error = {Code::kDeadlineExceeded, path.string() + ": no answer in time"};
  }
  return error;
}

}  // namespace

Result<std::string> AskSocket(const std::filesystem::path& path, std::chrono::milliseconds within) {
  const auto address = MakeUnixAddress(path);
  if (!address) return address.error();
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return ErrnoError(path.string(), errno);
  const timeval time{.tv_sec = static_cast<time_t>(within.count() / 1000),
                     .tv_usec = static_cast<suseconds_t>(within.count() % 1000 * 1000)};
  // For connect(2) too, when too many others wait.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  if (::connect(fd.get(), address->get(), address->size) != 0) return ErrorAt(path, errno);
  std::string answer;
  std::array<char, 4096> part{};
  for (;;) {
    const auto size = ::recv(fd.get(), part.data(), part.size(), 0);
    if (size == 0) return answer;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrorAt(path, errno);
    answer.append(part.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace edgefeed
