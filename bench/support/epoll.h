#pragma once

#include <chrono>
#include <functional>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace edgefeed::bench {

// Waits for sockets to become readable. Not thread-safe.
class Epoll {
 public:
  static Result<Epoll> Create();

  // `fd` is watched until it is closed.
  Status Watch(int fd);
  // Waits up to `timeout`, rounded up to a millisecond, and calls `readable` with each descriptor
  // that has something: data, a connection or its end.
  void Wait(std::chrono::nanoseconds timeout, const std::function<void(int fd)>& readable);

 private:
  explicit Epoll(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace edgefeed::bench
