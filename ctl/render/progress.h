#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace edgefeed {

struct Progress {
  std::uint64_t sent_bytes = 0;
  std::optional<std::uint64_t> total_bytes;  // Nothing for a pipe.
  std::chrono::milliseconds elapsed{0};
};

// "core.bin  [#####>    ]  45 %  12.0 MiB of 26.0 MiB  8.1 MiB/s  2 s left", in at most `columns`.
std::string ProgressLine(const std::string& name, const Progress& progress, std::size_t columns);

}  // namespace edgefeed
