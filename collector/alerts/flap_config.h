#pragma once

#include <chrono>
#include <cstdint>

namespace edgefeed {

// When an alert changes too often for operators to be told each time.
struct FlapConfig {
  std::uint32_t transitions = 6;  // So many changes; 0: never too often.
  std::chrono::milliseconds within = std::chrono::minutes(10);  // In so long.
  std::chrono::milliseconds hold = std::chrono::minutes(15);    // Until it has not for so long.
  friend bool operator==(const FlapConfig&, const FlapConfig&) = default;
};

}  // namespace edgefeed
