#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace edgefeed {

// A number of bytes, or of other things, as a size of what is in memory. Files and their parts may
// be larger than that where addresses have 32 bits: the largest size then, which no memory has.
constexpr std::size_t ToSize(std::uint64_t number) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::size_t>::max();
  return static_cast<std::size_t>(number < kMost ? number : kMost);
}

}  // namespace edgefeed
