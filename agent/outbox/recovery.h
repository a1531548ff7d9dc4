#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/outbox/boots.h"
#include "agent/outbox/segment_index.h"
#include "agent/outbox/segment_reader.h"
#include "agent/outbox/storage.h"
#include "common/base/result.h"

namespace edgefeed {

struct RecoveredSegment {
  StoredSegment segment;
  std::vector<std::uint64_t> sequences;  // No position is in two segments.
  std::optional<BootTrace> trace;        // Nothing when its boot is not known.
};

struct SpoolRecovered {
  Status status;                           // Why the directory could not be looked at.
  std::vector<RecoveredSegment> segments;  // Oldest stream first, in order within a stream.
  std::vector<StoredSegment> others;       // Of no use to this program; they take room.
  Boots boots;                             // Of the segments.
  Damage damage;
};

// Looks at what an earlier run has left. Never fails: what is damaged is counted, what is foreign
// or from a newer program is left alone, what holds nothing any more is removed.
SpoolRecovered RecoverSegments(Storage& storage);

}  // namespace edgefeed
