#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "collector/stats.h"
#include "collector/uploads/digest_follower.h"
#include "collector/uploads/partial_file.h"
#include "collector/uploads/upload_answer.h"
#include "collector/uploads/upload_table.h"
#include "common/base/result.h"

namespace edgefeed {

class UploadSegment;

// An incomplete upload whose file is open: takes its bytes in order and commits them. On the
// uploads strand.
class ActiveUpload {
 public:
  // What is committed is a multiple of this, unless it is the whole.
  static constexpr std::uint64_t kGridBytes = std::uint64_t{64} << 10;
  // So much is written before it is committed, while more comes …
  static constexpr std::uint64_t kCommitBytes = std::uint64_t{4} << 20;
  // … and so much at most: then the rest waits.
  static constexpr std::uint64_t kMostUncommittedBytes = std::uint64_t{6} << 20;

  struct Parts {
    Scheduler& strand;
    Scheduler& sync;  // Waits for the disk.
    Scheduler& hash;
    UploadTable& table;
    CollectorStats& stats;
  };

  // Begins anew when what was committed is not there any more. `parts` must outlive it.
  static Result<std::unique_ptr<ActiveUpload>> Open(BegunUpload upload,
                                                    const std::filesystem::path& file,
                                                    const Parts& parts);
  ~ActiveUpload();
  ActiveUpload(const ActiveUpload&) = delete;
  ActiveUpload& operator=(const ActiveUpload&) = delete;

  [[nodiscard]] const BegunUpload& upload() const { return upload_; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_->path(); }
  // Where the next byte belongs.
  [[nodiscard]] std::uint64_t written_bytes() const { return written_; }
  // All bytes are there and committed.
  [[nodiscard]] bool whole() const { return upload_.committed_bytes == upload_.size_bytes; }

  // Writes the next bytes, and commits from time to time. An error may be that of earlier bytes:
  // go on from written_bytes().
  Status Append(std::string_view data);
  // The call that brought bytes is over: commits what fits the grid, and goes on from there.
  Status Commit();

  // A new epoch: what holds a ticket of an older one is over.
  Status Renew(std::uint64_t epoch, WallTime expires);

  // Computes the digest of the whole. `done` on the hash strand; not when the upload is destroyed
  // before.
  void Finish(DigestFollower::Done done);
  [[nodiscard]] bool finishing() const { return finishing_; }

  // The call that brings its bytes now.
  void SetSegment(UploadSegment* segment) { segment_ = segment; }
  [[nodiscard]] UploadSegment* segment() const { return segment_; }
  // Who waits for its end.
  AnswerUpload waiting;
  // Grows with each use, to find the one that was not used for the longest time.
  std::uint64_t last_use = 0;

 private:
  // What may be committed: so many bytes of this checksum.
  struct Prefix {
    std::uint64_t bytes = 0;
    std::uint32_t crc32c = 0;
  };

  ActiveUpload(BegunUpload upload, PartialFile file, const Parts& parts);
  [[nodiscard]] Prefix Written() const;
  void BeginCommit();
  void HandleSynced(std::uint64_t generation, const Prefix& prefix, const Status& synced);
  Status CommitWritten();
  Status Record(const Prefix& prefix);
  void Count(std::string_view data);
  void GoBack();

  BegunUpload upload_;
  const std::shared_ptr<PartialFile> file_;
  const Parts parts_;
  std::shared_ptr<DigestFollower> digest_;
  std::uint64_t written_ = 0;
  std::uint32_t written_crc_ = 0;  // Of all bytes before written_,
  std::uint32_t grid_crc_ = 0;     // and of those before the last line of the grid.
  bool syncing_ = false;
  std::uint64_t generation_ = 0;  // Grows when it goes back: what was being synced is no matter.
  Status sync_failed_;            // Not told yet.
  bool finishing_ = false;
  UploadSegment* segment_ = nullptr;
  // A task of the sync strand checks it: it may end when this is gone.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace edgefeed
