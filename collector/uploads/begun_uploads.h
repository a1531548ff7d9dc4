#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/ports.h"
#include "collector/stats.h"
#include "collector/uploads/active_upload.h"
#include "collector/uploads/upload_answer.h"
#include "collector/uploads/upload_publisher.h"
#include "collector/uploads/upload_request.h"
#include "collector/uploads/upload_room.h"
#include "collector/uploads/upload_segment.h"
#include "collector/uploads/upload_store.h"
#include "collector/uploads/upload_table.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Uploads that are begun, resumed and acknowledged in segments: see proto/fileupload.proto. What
// has come is in files of one directory, what is known of them in the database; both outlive a
// crash at any moment. A whole file goes to the plain uploads, a dump to its keeper. On the uploads
// strand.
class BegunUploads {
 public:
  // So many may be sent at the same time.
  static constexpr std::size_t kMostActive = 64;

  struct Parts {
    Scheduler& strand;
    Scheduler& sync;  // Waits for the disk.
    Scheduler& hash;  // Computes digests.
    Database& database;
    UploadStore& plain;
    DumpKeeper& dumps;
    CollectorStats& stats;
  };

  // Makes the directory, finishes what an earlier run was finishing, and removes files of nobody.
  // `parts` must outlive it.
  static Result<std::unique_ptr<BegunUploads>> Open(std::filesystem::path directory,
                                                    const Parts& parts);
  ~BegunUploads();
  BegunUploads(const BegunUploads&) = delete;
  BegunUploads& operator=(const BegunUploads&) = delete;

  // `answer` is called once, perhaps before it returns, and perhaps seconds later, when all bytes
  // are there but not checked yet.
  void Begin(const UploadRequest& request, const AnswerUpload& answer);
  // NOT_FOUND: never begun, or forgotten.
  Result<UploadAnswer> Query(std::string_view device, std::string_view upload_id);
  UploadAnswer Abort(std::string_view device, std::string_view upload_id);

  // Null when the ticket is worthless: then it has answered.
  std::unique_ptr<UploadSegment> OpenSegment(std::string_view device, std::string_view upload_id,
                                             std::uint64_t epoch, const AnswerUpload& answer);

 private:
  BegunUploads(std::filesystem::path directory, const Parts& parts, UploadTable table);

  Status Repair();
  void RemoveStrays(const std::vector<BegunUpload>& incomplete) const;
  void ForgetExpired();

  void BeginNew(const UploadRequest& request, const AnswerUpload& answer);
  Result<BegunUpload> Insert(BegunUpload upload, std::string_view description);
  void Resume(const BegunUpload& upload, const AnswerUpload& answer);

  // With its file open. RESOURCE_EXHAUSTED when too many are.
  Result<ActiveUpload*> Activate(const BegunUpload& upload);
  bool CloseIdle();
  // Takes a place from the device that has most, when this one has fewer: no device keeps others
  // out. What came of the upload that gives way is kept.
  bool CloseOfGreediest(const std::string& device);

  // All bytes are there: checks them, publishes, answers.
  void Complete(ActiveUpload& active, AnswerUpload answer);
  void HandleDigest(std::int64_t number, const Result<Sha256Digest>& digest);
  UploadAnswer Finish(const ActiveUpload& active, const Result<Sha256Digest>& digest);
  Status Forget(const BegunUpload& upload);

  void Tell(const AnswerUpload& answer, const UploadAnswer& what);
  void UpdateRoom();
  [[nodiscard]] std::filesystem::path FileOf(std::int64_t number) const;

  const std::filesystem::path directory_;
  const Parts parts_;
  UploadTable table_;
  UploadRoom room_;
  UploadPublisher publisher_;
  std::map<std::int64_t, std::unique_ptr<ActiveUpload>> active_;  // By number.
  std::uint64_t uses_ = 0;
  Timer expiry_;
  // Tasks of other strands check it: they may come when this is gone.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace edgefeed
