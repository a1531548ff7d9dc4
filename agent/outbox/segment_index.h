#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/outbox/segment_format.h"
#include "agent/outbox/sequence_set.h"
#include "common/base/units.h"
#include "common/model/stream.h"

namespace edgefeed {

// What a file of the outbox is good for.
enum class SegmentContent {
  kStuck,     // Of none, and it cannot be removed.
  kUnusable,  // Of none: it cannot be read, or holds nothing that is wanted.
  kNewer,     // A newer program can read it.
  kSamples,
};

// A file of the outbox.
struct StoredSegment {
  std::string name;
  StreamPosition first;
  std::uint32_t stream_order = 0;
  std::uint8_t priority = 0;
  BootId boot_id{};  // Of its samples.
  WallTime begun;    // Of a sample near its beginning, as it was stamped then.
  SegmentContent content = SegmentContent::kSamples;
  Bytes size;
};

// In the order in which samples were taken, and leave.
bool IsOlder(const StoredSegment& a, const StoredSegment& b);

// Which samples are on disk and not settled yet, and in which segment. Only numbers: the files are
// the disk strand's. On the core strand.
class SegmentIndex {
 public:
  // A new segment, newer than the others, or the newest with its new size. `sequences`, of the
  // segment's stream, stand above those in it.
  void Add(const StoredSegment& segment, std::span<const std::uint64_t> sequences);

  struct Place {
    std::string segment;
    std::uint64_t sequence = 0;
  };
  // The lowest number of the stream above `after`.
  [[nodiscard]] std::optional<Place> Find(StreamId stream, std::uint64_t after) const;
  [[nodiscard]] bool Contains(const StreamPosition& position) const;
  [[nodiscard]] std::size_t CountUpTo(const StreamPosition& last) const;

  // These forget samples and return how many there were.
  std::size_t EraseUpTo(const StreamPosition& last);
  std::size_t Erase(const StreamPosition& position);
  // Samples of a segment from `first` up to `last`, but for those in `found`, which are in order.
  std::size_t EraseMissing(const Place& first, std::uint64_t last,
                           std::span<const std::uint64_t> found);
  // The whole segment.
  std::size_t Drop(const std::string& segment);

  // Forgets the segments without samples and returns their names.
  std::vector<std::string> TakeEmpty();

  [[nodiscard]] bool HoldsSamplesOf(const BootId& boot) const;
  [[nodiscard]] std::size_t samples() const;
  [[nodiscard]] std::size_t segments() const { return entries_.size(); }
  [[nodiscard]] Bytes bytes() const;
  // About when the first sample was taken, by the clock of then. Nothing when there is none.
  [[nodiscard]] std::optional<WallTime> oldest() const;

 private:
  struct Entry {
    StoredSegment segment;
    SequenceSet sequences;
  };
  std::vector<Entry>::iterator FindByName(const std::string& name);

  std::vector<Entry> entries_;  // Oldest stream first, in order within a stream.
};

}  // namespace edgefeed
