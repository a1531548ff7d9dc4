#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/dumps/dump_record.h"
#include "collector/ports.h"
#include "collector/sqlite/sqlite.h"
#include "common/base/result.h"

namespace edgefeed {

// Which dumps a list is about; empty: all.
struct DumpFilter {
  std::string group;
  std::string device;
};

// Where a list goes on: behind this dump.
struct DumpCursor {
  WallTime stored_at = WallTime::max();
  std::string id;
};

// The dumps in the database. On the uploads strand; the database must outlive it.
class DumpTable {
 public:
  // Makes the tables where there are none.
  static Result<DumpTable> Open(Database& database);

  // Nothing when there is one of that id already.
  Result<bool> Insert(const DumpRecord& dump, std::string_view info, std::string_view summary);
  Result<std::optional<DumpRecord>> Find(std::string_view id);
  // Those whose id starts so, at most `limit`.
  Result<std::vector<DumpRecord>> WithPrefix(std::string_view prefix, std::size_t limit);
  // Newest first.
  Result<std::vector<DumpRecord>> List(const DumpFilter& filter, const DumpCursor& after,
                                       std::size_t limit);
  Result<std::vector<DumpRecord>> WantInspection(std::size_t limit);
  // Those of a group whose bytes are kept, oldest first.
  Result<std::vector<DumpRecord>> KeptOfGroup(std::string_view group);
  // Of the group with the most bytes, the oldest dump; a group's only dump only when every group
  // has no more. `device`: looks at its dumps only; empty: at all.
  Result<std::optional<DumpRecord>> LeastMissed(std::string_view device);
  // Kept ones that were stored before, oldest first.
  Result<std::vector<DumpRecord>> KeptBefore(WallTime time, std::size_t limit);
  // The whole of what is known, or what is short of it.
  Result<std::string> Info(std::string_view id);
  Result<std::string> Summary(std::string_view id);

  // What can change: group, whether it is kept, its inspection.
  Status Save(const DumpRecord& dump);
  Status SetInfo(std::string_view id, std::string_view info, std::string_view summary);
  Status Remove(std::string_view id);
  // What is known of dumps whose bytes are not kept: those stored before `time`, and the oldest
  // over `most` dumps.
  Status RemoveBare(WallTime time, std::uint64_t most);

  Result<DumpUsage> Usage(std::string_view device);
  Result<std::uint64_t> CountKept();
  // How many kept dumps have these bytes.
  Result<std::uint64_t> KeptWith(const Sha256Digest& sha256);

 private:
  explicit DumpTable(Database& database) : database_(&database) {}
  Result<std::string> Blob(std::string_view sql, std::string_view id);

  Database* database_;
};

}  // namespace edgefeed
