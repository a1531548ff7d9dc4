#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace edgefeed {

// The seed that scripts/soak gives for this run; null in an ordinary one.
inline const char* SoakSeed() {
  return std::getenv("EDGEFEED_SOAK_SEED");  // NOLINT(concurrency-mt-unsafe): nobody sets any.
}

// How much of a test runs: its long form by scripts/soak, else the short one.
template <typename T>
T LongOrShort(T in_soak, T otherwise) {
  return SoakSeed() != nullptr ? in_soak : otherwise;
}

// What a test draws from: always the same seed, but scripts/soak gives each run another.
inline std::uint64_t Seed(std::uint64_t otherwise) {
  const char* given = SoakSeed();
  return given == nullptr ? otherwise : otherwise + 1'000'003 * std::stoull(given);
}

}  // namespace edgefeed
