#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "common/base/endpoint.h"
#include "common/base/units.h"

namespace edgefeed {

// What applications of the device may send to the agent, and how much of it.
struct StatsdConfig {
  std::optional<Endpoint> listen;  // UDP on loopback; nothing: no port.
  std::filesystem::path socket;    // Datagrams of AF_UNIX; empty: none.
  std::uint32_t max_series = 200;  // Of an application at a time.
  std::uint32_t max_rate = 1000;   // Lines a second of an application; so many may come at once.
  Bytes max_memory = MiB(1);       // Of all series that are known.
  std::chrono::milliseconds forget_after = std::chrono::minutes(10);  // Without a line.
  friend bool operator==(const StatsdConfig&, const StatsdConfig&) = default;
};

}  // namespace edgefeed
