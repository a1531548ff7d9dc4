#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "agent/outbox/outbox.h"
#include "common/base/clock.h"

namespace edgefeed::e2e {

// A device without a network, from sampler to files, as the agent with its default limits, but on
// clocks that run as fast as the computer can: a day takes seconds. Each sample has 85 values,
// which move as those of a real machine, and one of them is `number`: 1, 2, 3 …
class OfflineDevice {
 public:
  static constexpr std::size_t kValues = 85;
  static constexpr std::chrono::seconds kInterval{5};

  // Boots at this time, with its outbox in this directory.
  OfflineDevice(const std::filesystem::path& directory, WallTime boot);
  ~OfflineDevice();
  OfflineDevice(const OfflineDevice&) = delete;
  OfflineDevice& operator=(const OfflineDevice&) = delete;

  void Spend(std::chrono::seconds time);
  // As on SIGTERM; afterwards nothing happens any more.
  void Stop();

  [[nodiscard]] OutboxCounts counts() const;
  // When the sample with this number was taken.
  [[nodiscard]] WallTime TimeOf(std::uint64_t number) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace edgefeed::e2e
