#pragma once

#include <cstdint>

#include "common/base/result.h"

namespace edgefeed::bench {

// What this process has written since SQLite was hooked.
struct WrittenBytes {
  std::uint64_t log = 0;         // All that SQLite did not write.
  std::uint64_t partitions = 0;  // raw/*.db
  std::uint64_t partition_wal = 0;
  std::uint64_t tiers = 0;  // minute/*.db, hour/*.db
  std::uint64_t tier_wal = 0;
  std::uint64_t meta = 0;    // With its WAL.
  std::uint64_t total = 0;   // In calls, as /proc/self/io has it.
  std::uint64_t device = 0;  // In pages that went to the disk, likewise.
};

// Makes SQLite count its writes. Before the first database is opened.
void HookSqlite();

Result<WrittenBytes> ReadWrittenBytes();

}  // namespace edgefeed::bench
