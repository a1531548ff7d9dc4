#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace edgefeed {

// Bytes without a pattern that a mistake could hit by chance, nor one that could be compressed.
inline std::string SomeBytes(std::size_t size, std::uint64_t seed = 1) {
  std::string bytes(size, '\0');
  std::uint64_t state = seed * 0x9E3779B97F4A7C15U + 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(state >> 56U);
  }
  return bytes;
}

}  // namespace edgefeed
