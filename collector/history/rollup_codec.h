#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "collector/history/bucket_series.h"
#include "collector/history/compression.h"
#include "collector/history/series_match.h"
#include "common/base/result.h"

namespace edgefeed {

// Buckets of all series of a device as bytes, and back. On one strand.
class RollupCodec {
 public:
  // `outputs`: of a MatchNumbers, in order of time. Precondition: at least one bucket, and one of
  // cpu_usage and of memory_mb wherever there is any.
  std::string Encode(const OutputBuckets& outputs);

  // Appends what `match` asks for and begins from `from` up to `to` (not included).
  Status Decode(std::string_view data, const SeriesMatch& match, WallTime from, WallTime to,
                OutputBuckets& outputs);

 private:
  Compression compression_;
  std::string columns_;
};

}  // namespace edgefeed
