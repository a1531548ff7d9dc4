#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace edgefeed {

// Why a line of an application is not taken.
enum class StatsdDrop {
  kMalformed,    // No line of StatsD, or a value that no metric can have.
  kUnsupported,  // A set, or what DogStatsD has besides metrics.
  kConflict,     // The name is the agent's own, or in use for another type.
  kRate,         // Over max_rate.
  kSeries,       // Over max_series.
  kNames,        // Over what an application may name while the agent runs.
  kMemory,       // Over max_memory.
};

constexpr std::array<std::string_view, 7> kStatsdDropNames = {
    "malformed", "unsupported", "conflict", "rate", "series", "names", "memory"};

using StatsdDrops = std::array<std::uint64_t, kStatsdDropNames.size()>;  // By StatsdDrop.

struct StatsdApplicationCounts {
  std::string name;
  std::uint64_t lines = 0;  // That were taken.
  StatsdDrops dropped{};
};

struct StatsdCounts {
  bool used = false;  // False: nobody was ever to send.
  std::vector<StatsdApplicationCounts> applications;
  std::size_t series = 0;
  std::size_t memory_bytes = 0;
  std::uint64_t lost_datagrams = 0;  // The kernel had no room for them.
  std::vector<std::string> errors;   // Why applications cannot send.
};

}  // namespace edgefeed
