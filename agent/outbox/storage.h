#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/units.h"

namespace edgefeed {

// One directory of files that only grow. The seam between the outbox and the disk. On the disk
// strand. Names are plain: no '/'.
class Storage {
 public:
  struct File {
    std::string name;
    Bytes size;
  };
  struct Space {
    Bytes free;
    // Nothing where the file system does not count them.
    std::optional<std::uint64_t> free_inodes;
    std::uint64_t inodes = 0;
  };

  virtual ~Storage() = default;
  // The regular files, in any order.
  virtual Result<std::vector<File>> List() = 0;
  virtual Result<std::string> Read(const std::string& name) = 0;
  // Makes the file, and the directory, when there is none. After an error part may be written.
  virtual Status Append(const std::string& name, std::string_view bytes) = 0;
  // What was appended survives a power cut from now on.
  virtual Status Sync(const std::string& name) = 0;
  virtual Status Truncate(const std::string& name, Bytes size) = 0;
  // A file that is not there is no error.
  virtual Status Remove(const std::string& name) = 0;
  virtual Result<Space> FreeSpace() = 0;
};

}  // namespace edgefeed
