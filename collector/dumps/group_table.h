#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/dumps/dump_record.h"
#include "collector/sqlite/sqlite.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/digest/dump_signature.h"

namespace edgefeed {

// What one dump adds to its group.
struct GroupShare {
  DumpSignature signature;
  std::string executable;
  std::uint32_t signal = 0;
  std::string device;
  std::string version;  // Of the program: its package or build id; may be empty.
  WallTime first_at;
  WallTime last_at;
  std::uint64_t occurrences = 1;
};

// Where a list of groups goes on: behind this one.
struct GroupCursor {
  WallTime last_seen = WallTime::max();
  std::string id;
};

// The groups of dumps in the database, with counts that outlive the dumps. On the uploads strand;
// the database must outlive it, and have the table of dumps.
class GroupTable {
 public:
  // Makes the tables where there are none.
  static Result<GroupTable> Open(Database& database);

  Status Add(const GroupShare& share);
  // Takes away what Add() added, because the dump turned out to belong elsewhere. When nothing is
  // left, the group goes.
  Status Subtract(const GroupShare& share);

  // Those with the newest crash first. `device`: only groups with a crash of this one; empty: all.
  Result<std::vector<DumpGroupRecord>> List(std::string_view device, const GroupCursor& after,
                                            std::size_t limit);
  Result<bool> Has(std::string_view id);
  Result<std::uint64_t> Count();
  // Forgets groups of which no dump is known, those with the oldest crash first.
  Status RemoveOldest(std::uint64_t count);

 private:
  explicit GroupTable(Database& database) : database_(&database) {}
  Status Complete(DumpGroupRecord& group);

  Database* database_;
};

}  // namespace edgefeed
