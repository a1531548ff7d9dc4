#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "tests/hostile/hostile_device.h"
#include "tests/hostile/misdeeds.h"

namespace edgefeed {

// Devices that misbehave, each in one way and on a thread of its own, from the constructor to
// Stop().
class HostileFleet {
 public:
  explicit HostileFleet(const std::vector<HostileSpec>& specs);
  ~HostileFleet() { Stop(); }
  HostileFleet(const HostileFleet&) = delete;
  HostileFleet& operator=(const HostileFleet&) = delete;

  // Returns when all have ended.
  void Stop();
  // How often a misdeed, by its place in kMisdeeds, was begun.
  [[nodiscard]] std::uint64_t rounds(std::size_t misdeed) const { return rounds_[misdeed]; }

 private:
  std::deque<HostileDevice> devices_;
  std::array<std::atomic<std::uint64_t>, kMisdeeds.size()> rounds_{};
  std::vector<std::thread> threads_;
};

}  // namespace edgefeed
