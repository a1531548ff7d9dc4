#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace edgefeed {

// A value that one thread replaces as a whole now and then, and any thread reads. A reader keeps
// what it has read.
template <typename T>
class Published {
 public:
  explicit Published(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  [[nodiscard]] std::shared_ptr<const T> Read() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void Replace(T value) {
    auto fresh = std::make_shared<const T>(std::move(value));
    const std::lock_guard lock(mutex_);
    value_.swap(fresh);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace edgefeed
