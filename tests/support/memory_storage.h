#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
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
    for (auto& [name, file] : files) {
      file.bytes.resize(std::min(file.bytes.size(), file.synced + tail));
      file.synced = file.bytes.size();
    }
    Heal();
  }

  Result<std::vector<File>> List() override {
    std::vector<File> found;
    found.reserve(files.size());
    for (const auto& [name, file] : files) found.push_back({name, {file.bytes.size()}});
    return found;
  }
  Result<std::string> Read(const std::string& name) override {
    const auto file = files.find(name);
    if (file == files.end()) return Error{Code::kNotFound, name};
    return file->second.bytes;
  }
  Status Append(const std::string& name, std::string_view bytes) override {
    const bool fails = Fails();
    files[name].bytes += fails ? bytes.substr(0, bytes.size() / 2) : bytes;
    return fails ? Status(error_) : Status();
  }
  Status Sync(const std::string& name) override {
    if (Fails()) return error_;
    files[name].synced = files[name].bytes.size();
    return {};
  }
  Status Truncate(const std::string& name, Bytes size) override {
    if (Fails()) return error_;
    files[name].bytes.resize(size.count);
    files[name].synced = std::min(files[name].synced, files[name].bytes.size());
    return {};
  }
  Status Remove(const std::string& name) override {
    if (Fails()) return error_;
    files.erase(name);
    return {};
  }
  Result<Space> FreeSpace() override { return space; }

  std::map<std::string, Content> files;
  Space space{.free = GiB(1), .free_inodes = {}, .inodes = 0};

 private:
  bool Fails() {
    const std::uint64_t call = calls_++;
    return call >= first_failing_ && call < end_failing_;
  }

  const Error error_{Code::kResourceExhausted, "disk: no space left on device"};
  std::uint64_t calls_ = 0;
  std::uint64_t first_failing_ = 0;
  std::uint64_t end_failing_ = 0;
};

}  // namespace edgefeed
