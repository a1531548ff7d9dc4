#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/outbox/boots.h"
#include "agent/outbox/drop_episode.h"
#include "agent/outbox/lanes.h"
#include "agent/outbox/segment_index.h"
#include "agent/outbox/spool.h"
#include "agent/ports.h"
#include "common/model/series.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

struct DiskCounts {
  std::uint64_t recovered = 0;            // Samples found at the start.
  std::uint64_t dropped_outbox_full = 0;  // Samples that made room for newer ones …
  std::uint64_t dropped_disk_full = 0;    // … or for the other users of the file system.
  std::uint64_t dropped_damaged = 0;      // Samples that cannot be read any more.
  std::uint64_t dropped_readings = 0;     // Of series for which the SeriesTable had no room.
  std::uint64_t damaged_records = 0;      // Found at the start: places, and their size.
  std::uint64_t damaged_bytes = 0;
  std::uint64_t bytes_written = 0;
};

// The core strand's side of the disk: what is there, and one write and one read at a time on the
// disk strand. Logs when the disk stops to take samples, or takes them at the cost of older ones,
// and when it is well again.
class DiskLane {
 public:
  struct Context {
    Scheduler& core;
    Scheduler& disk;
    Storage& storage;
    SeriesTable& series;
    SampleClock& clock;
  };
  // All references must outlive it. Nothing of it may wait on a strand when it is destroyed: see
  // AfterAll().
  DiskLane(const Context& context, const SpoolLimits& limits, const BootId& boot_id);
  ~DiskLane() = default;
  DiskLane(const DiskLane&) = delete;
  DiskLane& operator=(const DiskLane&) = delete;

  // Reads the storage here and now: before the strands run. Returns the streams that it holds,
  // oldest first, at most `most`; of more the oldest go.
  std::vector<StreamState> Recover(std::size_t most);

  void SetLimits(const SpoolLimits& limits);

  // Precondition: !writing(). `done` is called on the core strand; the written samples are not in
  // index() yet.
  void Write(std::uint32_t stream_order, std::vector<Sample> samples,
             std::function<void(const SpoolWritten&)> done);
  // Precondition: !reading(). Gives samples from `place` on, of its segment, that are still held.
  // Those that ought to be there and are not count as damaged.
  void Read(const SegmentIndex::Place& place, std::size_t most,
            std::function<void(std::vector<Sample>)> done);
  // The highest order of a stream that only a newer program can read; 0: there is none.
  [[nodiscard]] std::uint32_t newest_foreign_order() const;

  // Removes the files of segments without samples.
  void RemoveEmpty();
  // The time is known better than when the samples of this boot that are on disk were written. What
  // is written next dates them too, also in another boot.
  [[nodiscard]] bool WantsTime() const;
  // Calls `done` on the core strand when the disk strand has done all that was asked for.
  void AfterAll(Task done);

  // The last read failed, and is worth another try later.
  [[nodiscard]] bool unreadable() const { return failed_reads_ > 0; }
  [[nodiscard]] bool writing() const { return writing_; }
  [[nodiscard]] bool reading() const { return reading_; }
  // The last write failed.
  [[nodiscard]] bool failing() const { return failing_since_.has_value(); }
  [[nodiscard]] SegmentIndex& index() { return index_; }
  [[nodiscard]] const SegmentIndex& index() const { return index_; }
  [[nodiscard]] const DiskCounts& counts() const { return counts_; }
  // Of all segments, also those that are of no use.
  [[nodiscard]] Bytes size() const;

 private:
  void LogRecovered(const SpoolRecovered& recovered) const;
  void DropStream(StreamId stream);
  void Note(const SpoolWritten& written);
  void NoteEvicted(const Evicted& evicted);
  void NoteRoom();
  void NoteStatus(const Status& status);
  std::vector<Sample> Settle(const SegmentIndex::Place& place, SpoolRead read);
  void Date(const BootId& boot, std::vector<Sample>& samples);
  void Translate(const std::vector<Series>& series, std::vector<Sample>& samples);

  Scheduler& core_;
  Scheduler& disk_;
  SeriesTable& series_;
  SampleClock& clock_;
  const BootId boot_id_;
  Spool spool_;  // The disk strand's.
  Boots boots_;
  SegmentIndex index_;
  std::vector<StoredSegment> others_;  // Found at the start and of no use; they take room.
  DiskCounts counts_;
  std::size_t told_series_ = 0;  // How many of the table's the spool knows.
  bool writing_ = false;
  bool reading_ = false;
  int failed_reads_ = 0;  // In a row.
  std::optional<SteadyTime> failing_since_;
  DropEpisode outbox_full_;
  DropEpisode disk_full_;
};

}  // namespace edgefeed
