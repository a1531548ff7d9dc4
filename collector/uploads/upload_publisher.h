#pragma once

#include <filesystem>
#include <string_view>

#include "collector/ports.h"
#include "collector/uploads/upload_store.h"
#include "collector/uploads/upload_table.h"
#include "common/base/result.h"

namespace edgefeed {

// Brings whole uploads to where they are kept, and says so in the database: a plain file among the
// plain uploads, a dump at its keeper. Whatever moment a crash comes at, doing it again completes
// it, and nothing is stored twice. On the uploads strand; what it is made of must outlive it.
class UploadPublisher {
 public:
  UploadPublisher(Database& database, UploadTable& table, UploadStore& plain, DumpKeeper& dumps)
      : database_(database), table_(table), plain_(plain), dumps_(dumps) {}

  // `file` has the upload's bytes, verified and on stable storage. Afterwards it is gone.
  Result<BegunUpload> Publish(BegunUpload upload, const std::filesystem::path& file, WallTime now);
  // Whether an earlier run was publishing it, and so had verified it.
  [[nodiscard]] bool WasPublishing(const BegunUpload& upload,
                                   const std::filesystem::path& file) const;
  // A dump without bytes: new in the table, and done. Returns it.
  Result<BegunUpload> Describe(BegunUpload upload, std::string_view description, WallTime now);

 private:
  Status StorePlain(BegunUpload& upload, const std::filesystem::path& file);
  Status StoreDump(BegunUpload& upload, const std::filesystem::path& file);
  Status MarkDone(BegunUpload& upload, UploadPhase phase, WallTime now);

  Database& database_;
  UploadTable& table_;
  UploadStore& plain_;
  DumpKeeper& dumps_;
};

}  // namespace edgefeed
