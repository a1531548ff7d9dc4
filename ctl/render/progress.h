#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace edgefeed {

struct Progress {
  std::uint64_t sent_bytes = 0;              // And what was there before.
  std::uint64_t start_bytes = 0;             // What was there before.
  std::optional<std::uint64_t> total_bytes;  // Nothing for a pipe.
  std::chrono::milliseconds elapsed{0};
};

// "core.bin  [#####>    ]  45 %  12.0 MiB of 26.0 MiB  8.1 MiB/s  2 s left", in at most `columns`;
// behind the amounts "(resumed at 6.0 MiB)" if so.
std::string ProgressLine(const std::string& name, const Progress& progress, std::size_t columns);

}  // namespace edgefeed
