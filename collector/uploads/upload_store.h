#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "collector/stats.h"
#include "collector/uploads/stored_files.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/base/units.h"

namespace edgefeed {

// min_free holds for begun uploads, which say how large they will be.
struct UploadLimits {
  Bytes max_file_size = GiB(1);
  Bytes quota = GiB(10);        // All stored and arriving files together.
  Bytes device_quota = GiB(1);  // Of one device; its dumps and begun uploads count as well.
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

  // RESOURCE_EXHAUSTED over the size limit, a quota or on a full disk; of these all but the first
  // say when to try again.
  Status Append(std::string_view data);
  // Puts the file on stable storage and makes it visible. A file of that name that exists already
  // is kept: the new one becomes "name.~1~" and so on.
  Result<StoredUpload> Publish();

 private:
  friend class UploadStore;
  IncomingFile(UploadStore& store, std::string name, std::string device,
               std::filesystem::path partial, UniqueFd fd);

  UploadStore& store_;
  std::string name_;
  std::string device_;
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

  // Precondition: CheckUploadName(name). `device`: whose it will be; empty: nobody's. The store
  // must outlive the file.
  Result<std::unique_ptr<IncomingFile>> Create(const std::string& name, const std::string& device);

  // Makes a file that came in another way visible under a name, which it returns; it keeps its old
  // name as well. It must be on the same disk, and on stable storage. As above.
  Result<std::string> Adopt(const std::filesystem::path& file, const std::string& name,
                            const std::string& device);

  // What counts against the quota besides the files here.
  void SetElsewhere(Bytes bytes) { elsewhere_ = bytes; }
  // By what is stored and arriving here.
  [[nodiscard]] Bytes used() const { return {stored_.all().count + arriving_.count}; }
  [[nodiscard]] Bytes used_by(const std::string& device) const;
  // Takes note of files that somebody has cleared away.
  Status CountAgain() { return stored_.CountAgain(); }
  [[nodiscard]] const UploadLimits& limits() const { return limits_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  friend class IncomingFile;
  UploadStore(std::filesystem::path directory, const UploadLimits& limits, StoredFiles stored)
      : directory_(std::move(directory)), limits_(limits), stored_(std::move(stored)) {}

  [[nodiscard]] Status CheckQuotas(const std::string& device, std::size_t more) const;
  void Arrived(const std::string& device, std::uint64_t bytes);
  void NoLongerArriving(const std::string& device, std::uint64_t bytes);
  Result<std::filesystem::path> Link(const std::filesystem::path& partial, const std::string& name);

  std::filesystem::path directory_;
  UploadLimits limits_;
  StoredFiles stored_;
  Bytes arriving_;
  std::unordered_map<std::string, std::uint64_t> arriving_of_;  // Devices with any.
  Bytes elsewhere_;
  std::uint64_t next_partial_ = 1;
};

}  // namespace edgefeed
