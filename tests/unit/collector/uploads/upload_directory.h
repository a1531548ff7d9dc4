#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace edgefeed {

// Names of the files in the directory, sorted; neither those that start with a dot nor directories.
inline std::vector<std::string> VisibleFiles(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !name.starts_with('.')) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

// How many files are on their way in.
inline auto PartialFiles(const std::filesystem::path& directory) {
  return std::distance(std::filesystem::directory_iterator(directory / ".partial"), {});
}

}  // namespace edgefeed
