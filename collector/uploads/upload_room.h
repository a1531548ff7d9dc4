#pragma once

#include <cstdint>
#include <filesystem>

#include "collector/ports.h"
#include "collector/uploads/upload_store.h"
#include "collector/uploads/upload_table.h"
#include "common/base/result.h"

namespace edgefeed {

// Whether there is room for what a client wants to send, before it sends it: by the quota of its
// device, that of all, and the free space of the disk. On the uploads strand; what it is made of
// must outlive it.
class UploadRoom {
 public:
  // So many uploads of a device may be incomplete.
  static constexpr std::uint64_t kUploadsOfDevice = 64;

  UploadRoom(UploadTable& table, UploadStore& plain, DumpKeeper& dumps)
      : table_(table), plain_(plain), dumps_(dumps) {}

  // INVALID_ARGUMENT when there could never be room, naming the key of the configuration.
  [[nodiscard]] Status CheckSize(const BegunUpload& upload) const;
  // For an upload that is not in the table yet. A dump pushes out older dumps.
  // RESOURCE_EXHAUSTED, naming the key of the configuration, when there is none.
  Status CheckFor(const BegunUpload& upload);
  // After each change: tells plain uploads what is left for them.
  Status Update();

 private:
  struct Need;
  Result<Need> NeedOf(const BegunUpload& upload);

  UploadTable& table_;
  UploadStore& plain_;
  DumpKeeper& dumps_;
};

}  // namespace edgefeed
