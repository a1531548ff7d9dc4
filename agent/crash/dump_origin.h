#pragma once

#include <filesystem>
#include <string>

namespace edgefeed {

// Where a dump comes from: a file that may be gone, or another one, at any moment.
struct DumpOrigin {
  std::string key;  // See SourceKey(). Empty: no file.
  std::filesystem::path directory;
  std::string name;
  bool is_ours = false;  // We remove it when the dump is dealt with.
};

// The very file is still there.
bool IsThere(const DumpOrigin& origin);

// Removes the file and what its producer said of it. True when it is gone, also if it was before.
bool RemoveSource(const DumpOrigin& origin);

}  // namespace edgefeed
