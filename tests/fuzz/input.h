#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/fuzz/target.h"

namespace edgefeed {

// The bytes of one run, taken apart from the front. Whatever they are, there is something to take:
// what lies behind the end is zero, or empty.
class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size)
      : bytes_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] std::string_view rest() const { return bytes_; }
  std::uint8_t Byte() { return static_cast<std::uint8_t>(Number(1)); }
  std::uint16_t Number16() { return static_cast<std::uint16_t>(Number(2)); }
  std::uint64_t Number64() { return Number(8); }
  // Bytes with their number before them, in two bytes.
  std::string_view Part() {
    const std::size_t size = Number16();
    return Take(size);
  }
  // Up to the next newline.
  std::string_view Line() {
    const std::string_view line = bytes_.substr(0, bytes_.find('\n'));
    Take(line.size() + 1);
    return line;
  }

 private:
  std::string_view Take(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  // Little-endian.
  std::uint64_t Number(std::size_t size) {
    const std::string_view bytes = Take(size);
    std::uint64_t number = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
      number = number << 8U | static_cast<unsigned char>(bytes[i - 1]);
    }
    return number;
  }

  std::string_view bytes_;
};

// What FuzzInput::Part() takes: for seeds.
inline std::string FuzzPart(std::string_view bytes) {
  const std::size_t size = std::min(bytes.size(), std::size_t{UINT16_MAX});
  std::string part{static_cast<char>(size & 0xFFU), static_cast<char>(size >> 8U)};
  return part.append(bytes.substr(0, size));
}

// Ends the run as a find when a promise is not kept.
inline void Promise(bool kept, const char* what) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace edgefeed
