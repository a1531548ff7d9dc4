#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace edgefeed {

// How many there are of each name; names without any cost nothing. From any thread.
class Tally {
 public:
  // False when there are `most` of it already: then there is not one more.
  bool Add(const std::string& name, std::uint32_t most) {
    const std::lock_guard lock(mutex_);
    const auto count = counts_.try_emplace(name, 0).first;
    if (count->second < most) return ++count->second > 0;
    if (count->second == 0) counts_.erase(count);
    return false;
  }

  // Precondition: it was added.
  void Remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto count = counts_.find(name);
    if (--count->second == 0) counts_.erase(count);
  }

  // How many names there are any of.
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return counts_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint32_t> counts_;
};

}  // namespace edgefeed
