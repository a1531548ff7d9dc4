#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/outbox/segment_format.h"
#include "common/model/sample.h"
#include "common/model/series.h"

namespace edgefeed {

// Makes the bytes of one segment, group by group, and remembers which series it has explained.
class SegmentWriter {
 public:
  explicit SegmentWriter(const SegmentHeader& header) : header_(header) {}

  [[nodiscard]] StreamId stream() const { return header_.stream; }

  // What to append to the segment's file for these samples. Preconditions: at least one; all of the
  // segment's stream, numbered in increasing order, above all those before; `names` gives, by
  // SeriesId, each series in them.
  std::string Encode(std::span<const Sample> samples, std::span<const Series> names);

 private:
  void AppendDictionary(std::span<const Sample> samples, std::span<const Series> names,
                        std::string& out);
  void AppendSamples(std::span<const Sample> samples, std::string& out) const;

  SegmentHeader header_;
  bool begun_ = false;
  std::vector<std::uint32_t> numbers_;  // By SeriesId.
  std::uint32_t dictionary_size_ = 0;
};

}  // namespace edgefeed
