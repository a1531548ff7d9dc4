#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"

namespace edgefeed {

class Strand;

// Tells what happens to the names in directories (inotify). The kernel may lose events, and none
// tells that a file is complete: who must not miss anything also looks. On the strand.
class DirectoryWatch {
 public:
  enum class Event {
    kRenamedIn,           // Into the directory, or from another name in it.
    kCreated,             // By open(2) or link(2).
    kClosedAfterWriting,  // Also by the death of who wrote.
    kLost,                // Too much happened; without a name.
  };
  using OnEvent = std::function<void(const std::filesystem::path& directory, Event event,
                                     const std::string& name)>;

  // `strand` must outlive it.
  DirectoryWatch(Strand& strand, OnEvent on_event);
  ~DirectoryWatch();
  DirectoryWatch(const DirectoryWatch&) = delete;
  DirectoryWatch& operator=(const DirectoryWatch&) = delete;

  // For a directory that is watched already, and is still the same one, this changes nothing.
  Status Watch(const std::filesystem::path& directory);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace edgefeed
