#pragma once

#include <memory>
#include <optional>

#include "collector/app/config.h"
#include "collector/dumps/dump_store.h"
#include "collector/inspect/dump_inspector.h"
#include "collector/rpc/dump_service.h"
#include "collector/rpc/upload_service.h"
#include "collector/sqlite/sqlite.h"
#include "collector/stats.h"
#include "collector/uploads/begun_uploads.h"
#include "collector/uploads/upload_store.h"
#include "common/base/allowances.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/runtime/child_process.h"
#include "common/runtime/strand.h"

namespace edgefeed {

// Uploads and crash dumps: their strands and their database. From the main thread.
class UploadStage {
 public:
  // `clock` and `stats` must outlive it.
  static Result<std::unique_ptr<UploadStage>> Open(const CollectorConfig& config,
                                                   const Clock& clock, CollectorStats& stats);
  // When no call is open any more.
  ~UploadStage();
  UploadStage(const UploadStage&) = delete;
  UploadStage& operator=(const UploadStage&) = delete;

  // For the services. Valid as long as the stage.
  [[nodiscard]] UploadAccess uploads();
  [[nodiscard]] DumpAccess dumps();

  // Returns when everything posted before has run.
  void Drain();

 private:
  UploadStage(const Clock& clock, CollectorStats& stats) : clock_(clock), stats_(stats) {}
  Status OpenDatabase(const std::filesystem::path& directory);
  void OpenInspector(const DumpsConfig& config);
  Status OpenStores(const CollectorConfig& config);

  const Clock& clock_;
  CollectorStats& stats_;
  // In the order in which they may use each other: each the ones above it.
  Strand sync_{"upload-sync", clock_};
  Strand hash_{"upload-hash", clock_};
  Strand calls_{"upload-calls", clock_};
  Strand store_{"uploads", clock_};
  Strand reader_{"dump-reader", clock_};
  Allowances rates_;
  Bytes device_rate_;
  std::optional<Database> database_;
  std::unique_ptr<ChildProcessRunner> children_;
  std::unique_ptr<DumpInspector> inspector_;  // Null where edgefeed-inspect is not installed.
  std::unique_ptr<UploadStore> plain_;
  std::unique_ptr<DumpStore> dumps_;
  std::unique_ptr<BegunUploads> begun_;
};

}  // namespace edgefeed
