#include "collector/remote/remote_cursor.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "common/base/file.h"
#include "common/base/text.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "edgefeed-cursor 1 ";
constexpr std::size_t kMaxBytes = 256;

}  // namespace

std::optional<std::uint64_t> RemoteCursor::Load() const {
  std::error_code error;
  if (!fs::exists(file_, error)) return std::nullopt;
  const auto text = ReadSmallFile(file_, kMaxBytes);
  if (text && text->starts_with(kPrefix)) {
    if (const auto place =
            ParseNumber<std::uint64_t>(Trim(std::string_view(*text).substr(kPrefix.size())))) {
      return place;
    }
  }
  spdlog::error("remote write: {} is not a cursor: what was not sent before now is left out",
                file_.string());
  return std::nullopt;
}

Status RemoteCursor::Save(std::uint64_t place) const {
  return ReplaceFile(file_, std::string(kPrefix) + std::to_string(place) + "\n");
}

Status RemoteCursor::Prepare(const fs::path& directory, const std::vector<std::string>& names) {
  std::error_code error;
  if (names.empty() && !fs::exists(directory, error)) return {};
  fs::create_directories(directory, error);
  if (error) return ErrnoError(directory.string(), error.value());
  std::vector<fs::path> unknown;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().stem().string();
    if (std::ranges::find(names, name) == names.end()) unknown.push_back(entry->path());
  }
  for (const fs::path& file : unknown) {
    spdlog::info("remote write: {} is not wanted any more", file.filename().string());
    fs::remove(file, error);
  }
  return {};
}

}  // namespace edgefeed
