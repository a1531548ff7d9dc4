#pragma once

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <list>
#include <memory>
#include <utility>

#include "collector/history/partition_path.h"
#include "collector/stats.h"
#include "common/base/result.h"

namespace edgefeed {

// The databases of one directory that are open, at most a few: the one used longest ago is closed.
// A damaged one is set aside, and a new one takes its place.
template <typename File>
class OpenFiles {
 public:
  explicit OpenFiles(CollectorStats& stats) : stats_(stats) {}

  // Runs `use` on the file, which `open` opens if need be, and once more should it be damaged.
  template <typename Open, typename Use>
  auto With(const std::filesystem::path& path, Open open, Use use)
      -> decltype(use(std::declval<File&>())) {
    const auto attempt = [&]() -> decltype(use(std::declval<File&>())) {
      const auto file = Get(path, open);
      if (!file) return file.error();
      return use(**file);
    };
    auto result = attempt();
    if (result || result.error().code != Code::kDataLoss) return result;
    Replace(path, result.error());
    return attempt();
  }

  // Null when it is not open.
  File* Find(const std::filesystem::path& path) {
    const auto found = std::ranges::find(files_, path, &OpenFile::path);
    return found == files_.end() ? nullptr : found->file.get();
  }

  void Replace(const std::filesystem::path& path, const Error& why) {
    spdlog::error("history: {}", why.message);
    Close(path);
    SetAside(path);
    ++stats_.history_files_damaged;
  }
  void Close(const std::filesystem::path& path) {
    std::erase_if(files_, [&path](const OpenFile& open) { return open.path == path; });
  }
  void CloseAll() { files_.clear(); }

 private:
  static constexpr std::size_t kMost = 4;
  struct OpenFile {
    std::filesystem::path path;
    std::unique_ptr<File> file;
  };

  template <typename Open>
  Result<File*> Get(const std::filesystem::path& path, Open open) {
    const auto found = std::ranges::find(files_, path, &OpenFile::path);
    if (found != files_.end()) {
      files_.splice(files_.begin(), files_, found);
      return files_.front().file.get();
    }
    auto file = open(path);
    if (!file) return file.error();
    files_.push_front({path, std::move(*file)});
    if (files_.size() > kMost) files_.pop_back();
    return files_.front().file.get();
  }

  CollectorStats& stats_;
  std::list<OpenFile> files_;  // The one used last in front.
};

}  // namespace edgefeed
