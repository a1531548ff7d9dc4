#pragma once

#include <set>
#include <utility>
#include <vector>

#include "collector/history/chunk_codec.h"
#include "collector/history/open_chunks.h"
#include "collector/history/raw_partitions.h"
#include "collector/stats.h"
#include "common/base/result.h"

namespace edgefeed {

// Moves open chunks into their partitions, many at a time: each commit writes some pages again. On
// one strand; calls wait for the disk.
class ChunkWriter {
 public:
  // All must outlive it.
  ChunkWriter(OpenChunks& open, RawPartitions& partitions, ChunkCodec& codec, CollectorStats& stats)
      : open_(open), partitions_(partitions), codec_(codec), stats_(stats) {}

  // Those that are due, once they are 16 MiB or it is three quarters of `chunk_every` since the
  // last time; or all of them. What cannot be written stays open; the error is the last. Written()
  // tells of which hours something was written since it was last asked.
  Status WriteDue(WallTime now);
  Status WriteAll() { return Write(open_.All()); }
  std::set<Hours> Written() { return std::exchange(hours_, {}); }

 private:
  Status Write(const OpenChunks::ByHour& by_hour);
  Status WriteHour(Hours hour, const std::vector<const OpenChunk*>& chunks);

  OpenChunks& open_;
  RawPartitions& partitions_;
  ChunkCodec& codec_;
  CollectorStats& stats_;
  WallTime last_write_;
  std::set<Hours> hours_;
};

}  // namespace edgefeed
