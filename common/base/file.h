#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace edgefeed {

// The whole of a file that is small or that the kernel makes up (/proc, /sys): read until it ends,
// whatever size it claims. Over `max_bytes` is an error: RESOURCE_EXHAUSTED.
Result<std::string> ReadSmallFile(const std::filesystem::path& path,
                                  std::size_t max_bytes = std::size_t{16} << 20);

// Writes all of `bytes` where the descriptor stands. An error names `name`; part may be written
// then.
Status WriteAll(int fd, std::string_view bytes, std::string_view name);

// What a file may hold is written beside it, under this ending, until it is on stable storage.
constexpr std::string_view kUnfinished = ".tmp";

// The file is either as it was or holds these bytes, whatever happens; on return it does so on
// stable storage. After an error nothing is left of the attempt.
Status ReplaceFile(const std::filesystem::path& file, std::string_view bytes);

// Makes a directory entry (a new file, a rename, a removal) survive a power cut.
Status SyncDirectory(const std::filesystem::path& directory);

}  // namespace edgefeed
