#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "agent/feed/delivery.h"
#include "agent/outbox/outbox.h"
#include "common/base/backoff.h"

namespace edgefeed::e2e {

struct DeviceSpec {
  std::string name;
  std::uint16_t collector_port = 0;
  std::filesystem::path state_dir;
  BackoffConfig backoff{.first = std::chrono::milliseconds(5),
                        .cap = std::chrono::milliseconds(50)};
  DeliveryConfig delivery;
  OutboxLimits outbox;
};

// The agent's stages from outbox to network, on real strands, sockets and files, in this process:
// what waits for seconds in the real program may wait for milliseconds here. Its samples have one
// series, `number`: 1, 2, 3 …
class Device {
 public:
  explicit Device(const DeviceSpec& spec);
  // Stops as the agent does on SIGTERM.
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  // Takes the next samples.
  void Take(int count = 1);
  [[nodiscard]] std::uint64_t taken() const;
  [[nodiscard]] OutboxCounts counts() const;
  [[nodiscard]] std::uint64_t connects() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace edgefeed::e2e
