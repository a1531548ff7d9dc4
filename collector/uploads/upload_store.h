#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "collector/stats.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/base/units.h"

namespace edgefeed {

// device_quota and min_free hold for begun uploads, which say how large they will be.
struct UploadLimits {
  Bytes max_file_size = GiB(1);
  Bytes quota = GiB(10);        // All stored and arriving files together.
  Bytes device_quota = GiB(1);  // Of one device: arriving files and kept dumps.
  DiskShare min_free = {.bytes = {}, .percent = 10};
};

// A plain file name: 1–255 bytes, no '/', no control characters, not starting with a dot.
Status CheckUploadName(std::string_view name);

struct StoredUpload {
  std::filesystem::path path;
  Bytes size;
};

class UploadStore;

// One file on its way in, invisible until Publish(). Destroying it without leaves nothing behind.
// On the store strand.
class IncomingFile {
 public:
  ~IncomingFile();
  IncomingFile(const IncomingFile&) = delete;
  IncomingFile& operator=(const IncomingFile&) = delete;

  // RESOURCE_EXHAUSTED over the size limit, the quota or a full disk.
  Status Append(std::string_view data);
  // Puts the file on stable storage and makes it visible. A file of that name that exists already
  // is kept: the new one becomes "name.~1~" and so on.
  Result<StoredUpload> Publish();

 private:
  friend class UploadStore;
  IncomingFile(UploadStore& store, std::string name, std::filesystem::path partial, UniqueFd fd);

  UploadStore& store_;
  std::string name_;
  std::filesystem::path partial_;
  UniqueFd fd_;
  Bytes size_;
};

// Files that devices upload, in one directory; arriving ones in its subdirectory ".partial". On the
// store strand.
class UploadStore {
 public:
  // Makes the directory, removes what an earlier run left half received, and adds up what is
  // stored.
  static Result<std::unique_ptr<UploadStore>> Open(std::filesystem::path directory,
                                                   const UploadLimits& limits);

  // Precondition: CheckUploadName(name). The store must outlive the file.
  Result<std::unique_ptr<IncomingFile>> Create(const std::string& name);

  // Makes a file that came in another way visible under a name, which it returns; it keeps its old
  // name as well. It must be on the same disk, and on stable storage. Precondition as above.
  Result<std::string> Adopt(const std::filesystem::path& file, const std::string& name);

  // What counts against the quota besides the files here.
  void SetElsewhere(Bytes bytes) { elsewhere_ = bytes; }
  [[nodiscard]] Bytes used() const { return used_; }
  [[nodiscard]] const UploadLimits& limits() const { return limits_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  friend class IncomingFile;
  UploadStore(std::filesystem::path directory, const UploadLimits& limits)
      : directory_(std::move(directory)), limits_(limits) {}

  Result<std::filesystem::path> Link(const std::filesystem::path& partial, const std::string& name);

  std::filesystem::path directory_;
  UploadLimits limits_;
  Bytes used_;
  Bytes elsewhere_;
  std::uint64_t next_partial_ = 1;
};

}  // namespace edgefeed
