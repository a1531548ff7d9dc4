#include "bench/support/epoll.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>

namespace edgefeed::bench {

Result<Epoll> Epoll::Create() {
  UniqueFd fd(epoll_create1(EPOLL_CLOEXEC));
  if (!fd.valid()) return ErrnoError("epoll", errno);
  return Epoll(std::move(fd));
}

Status Epoll::Watch(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return ErrnoError("epoll", errno);
  return {};
}

void Epoll::Wait(std::chrono::nanoseconds timeout, const std::function<void(int fd)>& readable) {
  std::array<epoll_event, 256> events{};
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(timeout).count();
  const int count =
      epoll_wait(fd_.get(), events.data(), static_cast<int>(events.size()), static_cast<int>(ms));
  for (int i = 0; i < count; ++i) readable(events[static_cast<std::size_t>(i)].data.fd);
}

}  // namespace edgefeed::bench
