#pragma once

#include <dirent.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace edgefeed {

// A directory whose entries are looked through again and again; kept open.
class Directory {
 public:
  static Result<Directory> Open(const std::filesystem::path& path);

  // Calls `visit` for each entry that is a number: processes in /proc, descriptors in
  // /proc/self/fd.
  Status ForEachNumber(const std::function<void(unsigned)>& visit);
  Result<std::size_t> CountNumbered();

 private:
  struct Close {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };

  Directory(DIR* dir, std::string path) : dir_(dir), path_(std::move(path)) {}

  std::unique_ptr<DIR, Close> dir_;
  std::string path_;
};

// Names of the entries, sorted; none when there is no such directory.
std::vector<std::string> EntriesOf(const std::filesystem::path& directory);

// The numbers n of the entries "<prefix><n>", sorted: 0, 1, 10 of cpu0 cpu1 cpu10 cpuidle.
std::vector<unsigned> NumberedEntries(const std::filesystem::path& directory,
                                      std::string_view prefix);

}  // namespace edgefeed
