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

// Moves open chunks into their partitions. On one strand; calls wait for the disk.
class ChunkWriter {
 public:
  // All must outlive it.
  ChunkWriter(OpenChunks& open, RawPartitions& partitions, ChunkCodec& codec, CollectorStats& stats)
      : open_(open), partitions_(partitions), codec_(codec), stats_(stats) {}

  // Those that are due; or all of them. What cannot be written stays open; the error is the last.
  // Written() tells of which hours something was written since it was last asked.
  Status WriteDue(WallTime now) { return Write(open_.Due(now), now); }
  Status WriteAll(WallTime now) { return Write(open_.All(), now); }
  std::set<Hours> Written() { return std::exchange(hours_, {}); }

 private:
  Status Write(const OpenChunks::ByHour& by_hour, WallTime now);
  Status WriteHour(Hours hour, const std::vector<const OpenChunk*>& chunks, WallTime now);

  OpenChunks& open_;
  RawPartitions& partitions_;
  ChunkCodec& codec_;
  CollectorStats& stats_;
  std::set<Hours> hours_;
};

}  // namespace edgefeed
