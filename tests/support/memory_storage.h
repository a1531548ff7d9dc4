#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/outbox/storage.h"

namespace edgefeed {

// A disk that forgets in a power cut what was not synced, and fails when the test says so.
class MemoryStorage final : public Storage {
 public:
  struct Content {
    std::string bytes;
    std::size_t synced = 0;  // How many of them; 0: nor is the name.
  };

  // Of the calls that write, those from now + `first` on fail, `count` of them.
  void FailCalls(std::uint64_t first, std::uint64_t count = 1'000'000) {
    first_failing_ = calls_ + first;
    end_failing_ = first_failing_ + count;
  }
  void Heal() { end_failing_ = 0; }

  // What a power cut leaves: of the unsynced tail of each file at most `tail` bytes.
  void CutPower(std::size_t tail = 0) {
    std::erase_if(files, [](const auto& file) { return file.second.synced == 0; });
    for (auto& [name, file] : files) Cut(file, file.synced += tail);
    Heal();
  }
  Result<std::vector<File>> List() override {
    std::vector<File> found;
    found.reserve(files.size());
    for (const auto& [name, file] : files) found.push_back({name, {file.bytes.size()}});
    return found;
  }
  Result<std::string> Read(const std::string& name) override {
    if (failing_reads > 0) {
      --failing_reads;
      return Error{Code::kInternal, name + ": EIO"};
    }
    if (unreadable.contains(name)) return Error{Code::kInternal, name + ": EIO"};
    if (!files.contains(name)) return Error{Code::kNotFound, name};
    return files[name].bytes;
  }
  Status Append(const std::string& name, std::string_view bytes) override {
    std::size_t written = bytes.size() / 2;
    Status tried = Try([&] { written = bytes.size(); });
    files[name].bytes += bytes.substr(0, written);
    return tried;
  }
  Status Sync(const std::string& name) override {
    return Try([&] { files[name].synced = files[name].bytes.size(); });
  }
  Status Truncate(const std::string& name, Bytes size) override {
    return Try([&] { Cut(files[name], size.count); });
  }
  Status Remove(const std::string& name) override {
    if (undying.contains(name)) return Error{Code::kPermissionDenied, name + ": EPERM"};
    return Try([&] { files.erase(name); });
  }
  Result<Space> FreeSpace() override { return space; }

  std::map<std::string, Content> files;
  int failing_reads = 0;             // The next ones.
  std::set<std::string> unreadable;  // These never can be read …
  std::set<std::string> undying;     // … or removed.
  Space space{.free = GiB(1), .free_inodes = {}, .inodes = 0};

 private:
  static void Cut(Content& file, std::size_t most) {
    if (file.bytes.size() > most) file.bytes.resize(most);
    file.synced = std::min(file.synced, file.bytes.size());
  }
  Status Try(const std::function<void()>& change) {
    const std::uint64_t call = calls_++;
    if (call >= first_failing_ && call < end_failing_) {
      return Error{Code::kResourceExhausted, "disk: no space left on device"};
    }
    change();
    return {};
  }

  std::uint64_t calls_ = 0;
  std::uint64_t first_failing_ = 0;
  std::uint64_t end_failing_ = 0;
};

}  // namespace edgefeed
