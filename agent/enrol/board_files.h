#pragma once

#include <filesystem>
#include <string_view>

#include "common/base/result.h"

namespace edgefeed {

enum class FileAccess {
  kEverybody,  // 0644
  kAgent       // 0640, and 0600 unless root writes it.
};

// The file as a whole or as it was, on stable storage on return. One that is replaced keeps its
// owner and group. A new one that root writes is root's; one for the agent has the agent's group
// (edgefeed-agent), and where there is no such group it belongs to whom its directory belongs to.
Status WriteBoardFile(const std::filesystem::path& file, std::string_view bytes, FileAccess access);

// The same for a file that is there under another name.
Status MoveBoardFile(const std::filesystem::path& from, const std::filesystem::path& to,
                     FileAccess access);

}  // namespace edgefeed
