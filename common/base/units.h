#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"

namespace edgefeed {

// A size in bytes, so that it cannot be mixed up with a count.
struct Bytes {
  std::uint64_t count = 0;
  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

constexpr Bytes KiB(std::uint64_t n) { return {n << 10}; }
constexpr Bytes MiB(std::uint64_t n) { return {n << 20}; }
constexpr Bytes GiB(std::uint64_t n) { return {n << 30}; }

// So many bytes, or so many hundredths of a disk.
struct DiskShare {
  Bytes bytes;
  std::uint32_t percent = 0;
  [[nodiscard]] constexpr Bytes Of(Bytes disk) const {
    return percent == 0 ? bytes : Bytes{disk.count / 100 * percent};
  }
  friend bool operator==(const DiskShare&, const DiskShare&) = default;
};

// "250ms", "10s", "5m", "1h", "3d"; "0s" is allowed, a bare number is not.
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

// "512B", "64KiB", "10MiB", "2GiB"; a bare number is not allowed.
Result<Bytes> ParseBytes(std::string_view text);

// The shortest exact spelling that ParseDuration takes: "1500ms", "10s", "5m".
std::string FormatDuration(std::chrono::milliseconds duration);

// For people: "1.5 MiB", "812 B".
std::string FormatBytes(Bytes bytes);

// RFC 3339: "2026-11-25T10:00:00.250Z".
std::string FormatTime(WallTime time);

}  // namespace edgefeed
