#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/dumps/dump_files.h"
#include "collector/dumps/dump_record.h"
#include "collector/dumps/dump_table.h"
#include "collector/dumps/group_table.h"
#include "collector/ports.h"
#include "collector/sqlite/sqlite.h"
#include "collector/stats.h"
#include "common/base/result.h"

namespace edgefeed {

struct DumpLimits {
  std::chrono::hours keep{30 * 24};       // Bytes of a dump,
  std::chrono::hours keep_bare{90 * 24};  // and what is known of one without bytes.
  std::uint32_t per_group = 10;           // Dumps of a group whose bytes are kept.
  std::uint64_t dumps = 100'000;          // That something is known of.
  std::uint64_t groups = 100'000;
};

// Decides which dumps lose their bytes, and which are forgotten. The database says so first, then
// the file goes: a crash between leaves a file of no dump. On the uploads strand; what it is made
// of must outlive it.
class DumpRetention {
 public:
  struct Parts {
    Database& database;
    DumpTable& dumps;
    GroupTable& groups;
    DumpFiles& files;
    CollectorStats& stats;
  };
  DumpRetention(const Parts& parts, const DumpLimits& limits) : parts_(parts), limits_(limits) {}

  // Over its limit a group keeps its first dumps and its latest: those in the middle go.
  Status TrimGroup(std::string_view group);
  // See DumpKeeper.
  Status MakeRoom(std::string_view device, const DumpUsage& fewer);
  // What is too old, or over the limits of all.
  Status Expire(WallTime now);
  // Forgets dumps altogether; their groups keep their counts. How many bytes that freed.
  Result<std::uint64_t> Forget(const std::vector<DumpRecord>& dumps);

 private:
  Status DropBytes(DumpRecord dump, DumpRemoval why);
  Result<bool> DropLeastMissed(std::string_view device);
  // How much the file took, if it is gone now.
  Result<std::uint64_t> RemoveFile(const DumpRecord& dump, DumpRemoval why);

  const Parts parts_;
  const DumpLimits limits_;
};

}  // namespace edgefeed
