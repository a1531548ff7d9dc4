#include "agent/proc/directory.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "common/base/text.h"

namespace edgefeed {
Result<Directory> Directory::Open(const std::filesystem::path& path) {
  DIR* const dir = ::opendir(path.c_str());
  if (dir == nullptr) return ErrnoError(path.string(), errno);
  return Directory(dir, path.string());
}

Status Directory::ForEachNumber(const std::function<void(unsigned)>& visit) {
  ::rewinddir(dir_.get());
  errno = 0;
  while (const dirent* entry = ::readdir(dir_.get())) {
    if (const auto number = ParseNumber<unsigned>(entry->d_name)) visit(*number);
    errno = 0;  // Whatever became of the visit.
  }
  if (errno != 0) return ErrnoError(path_, errno);
  return {};
}

Result<std::size_t> Directory::CountNumbered() {
  std::size_t count = 0;
  const Status read = ForEachNumber([&count](unsigned) { ++count; });
  if (!read) return read.error();
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
