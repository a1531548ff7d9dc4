#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/outbox/recovery.h"
#include "agent/outbox/segment_format.h"
#include "agent/outbox/segment_index.h"
#include "agent/outbox/segment_writer.h"
#include "agent/outbox/storage.h"
#include "common/base/result.h"
#include "common/base/units.h"

namespace edgefeed {

struct SpoolLimits {
  Bytes max_size = MiB(64);  // Of all segments.
  Bytes min_free = MiB(32);  // What must stay free of the file system; 1 % of its inodes also.
};

// Samples of one stream, to be written together.
struct SpoolGroup {
  std::uint32_t stream_order = 0;
  std::vector<Sample> samples;  // Not empty, numbered in increasing order.
  std::vector<Series> series;   // Those with the SeriesIds that no group before could name.
};

// Why a segment had to go.
enum class Eviction { kOutboxFull, kDiskFull };

struct Evicted {
  StoredSegment segment;
  Eviction why = Eviction::kOutboxFull;
};

struct SpoolWritten {
  Status status;                 // On error the group counts as not written.
  StoredSegment segment;         // Where it is.
  std::uint64_t bytes = 0;       // How many were written.
  bool has_room = false;         // Another whole segment would push out no other.
  std::vector<Evicted> evicted;  // Also on error.
};

struct SpoolRead {
  BootId boot_id{};            // Of which they are; their times are as they were written.
  std::vector<Series> series;  // What the readings refer to.
  std::vector<Sample> samples;
  Status status;  // The disk did not give the file; it may another time.
  // Everything numbered up to here, that could be read, is in `samples`.
  std::uint64_t read_to = std::numeric_limits<std::uint64_t>::max();
};

// The segments on disk. On the disk strand, but for Recover(), which may run before it starts.
class Spool {
 public:
  // `storage` must outlive it.
  Spool(Storage& storage, const SpoolLimits& limits, const BootId& boot_id);
  void SetLimits(const SpoolLimits& limits) { limits_ = limits; }

  // See RecoverSegments().
  SpoolRecovered Recover();

  // Writes the group and syncs it. When there is no room segments go: those of no use first, then
  // the oldest of the least important. One of a newer program is no less worth than ours.
  SpoolWritten Write(const SpoolGroup& group);
  // At most `most` samples of the segment numbered above `after`.
  SpoolRead Read(const std::string& segment, std::uint64_t after, std::size_t most);
  void Remove(const std::string& segment);

 private:
  Status MakeRoom(std::uint64_t bytes, std::vector<Evicted>& evicted);
  Status Evict(Eviction why, std::vector<Evicted>& evicted);
  struct Room {
    std::size_t files = 0;
    Bytes bytes;
  };
  // What keeps so many bytes from being written, if `without` were not there.
  std::optional<Eviction> Lacks(std::uint64_t bytes, const Room& without);
  [[nodiscard]] Room Removable() const;
  [[nodiscard]] Bytes SegmentSize() const;
  Status OpenSegmentFor(const SpoolGroup& group);
  Status AppendAndSync(StoredSegment& segment, std::string_view bytes);
  void Forget(const std::string& segment);

  Storage& storage_;
  SpoolLimits limits_;
  BootId boot_id_;
  std::vector<StoredSegment> segments_;  // Oldest first; the writer's is the last.
  std::optional<SegmentWriter> writer_;
  std::vector<Series> names_;  // By SeriesId.
};

}  // namespace edgefeed
