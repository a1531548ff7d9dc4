#include "agent/proc/directory.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>

#include "common/base/text.h"

namespace edgefeed {
namespace {

bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

}  // namespace

Result<Directory> Directory::Open(const std::filesystem::path& path) {
  DIR* const dir = ::opendir(path.c_str());
  if (dir == nullptr) return ErrnoError(path.string(), errno);
  return Directory(dir, path.string());
}

Result<std::size_t> Directory::CountNumbered() {
  ::rewinddir(dir_.get());
  std::size_t count = 0;
  errno = 0;
  while (const dirent* entry = ::readdir(dir_.get())) {
    if (IsDigit(entry->d_name[0])) ++count;
  }
  if (errno != 0) return ErrnoError(path_, errno);
  return count;
}

std::vector<std::string> EntriesOf(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<unsigned> NumberedEntries(const std::filesystem::path& directory,
                                      std::string_view prefix) {
  std::vector<unsigned> numbers;
  for (const std::string& name : EntriesOf(directory)) {
    if (!name.starts_with(prefix)) continue;
    const auto number = ParseNumber<unsigned>(std::string_view(name).substr(prefix.size()));
    if (number) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace edgefeed
