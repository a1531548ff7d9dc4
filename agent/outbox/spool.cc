#include "agent/outbox/spool.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace edgefeed {
namespace {

constexpr Bytes kSegmentSize = KiB(256);
constexpr std::uint64_t kMinFreeInodes = 100;

bool GoesBefore(const StoredSegment& a, const StoredSegment& b) {
  const auto worth = [](const StoredSegment& segment) {
    const bool of_use = segment.content > SegmentContent::kUnusable;
    return std::tuple(segment.content == SegmentContent::kStuck, of_use, segment.priority);
  };
  return worth(a) < worth(b);
}

// Moves samples numbered above `after` while `to` has less than `most`. Returns the last number.
std::uint64_t MoveSome(std::vector<Sample>& from, std::uint64_t after, std::size_t most,
                       std::vector<Sample>& to) {
  for (Sample& sample : from) {
    if (sample.position.sequence <= after) continue;
    if (to.size() == most) break;
    after = sample.position.sequence;
    to.push_back(std::move(sample));
  }
  return after;
}

}  // namespace

Spool::Spool(Storage& storage, const SpoolLimits& limits, const BootId& boot_id)
    : storage_(storage), limits_(limits), boot_id_(boot_id) {}

SpoolRecovered Spool::Recover() {
  SpoolRecovered found = RecoverSegments(storage_);
  segments_ = found.others;
  for (const RecoveredSegment& recovered : found.segments) segments_.push_back(recovered.segment);
  std::ranges::stable_sort(segments_, IsOlder);
  return found;
}

SpoolWritten Spool::Write(const SpoolGroup& group) {
  std::ranges::copy(group.series, std::back_inserter(names_));
  SpoolWritten written;
  written.status = OpenSegmentFor(group);
  if (!written.status) return written;
  const std::string bytes = writer_->Encode(group.samples, names_);
  written.status = MakeRoom(bytes.size(), written.evicted);
  if (written.status) written.status = AppendAndSync(segments_.back(), bytes);
  if (written.status) {
    written.segment = segments_.back();
    written.bytes = bytes.size();
    written.has_room = !Lacks(SegmentSize().count, {});
  } else {
    // The writer has explained series that are not on disk: the next group needs a new segment.
    writer_.reset();
    if (segments_.back().size.count == 0) segments_.pop_back();
  }
  return written;
}

Status Spool::OpenSegmentFor(const SpoolGroup& group) {
  const StreamPosition& first = group.samples.front().position;
  const bool fits =
      writer_ && writer_->stream() == first.stream && segments_.back().size < SegmentSize();
  if (fits) return {};
  const std::string name = SegmentName(first);
  if (std::ranges::find(segments_, name, &StoredSegment::name) != segments_.end()) {
    // An earlier try for these samples failed, and could not be taken back.
    if (Status removed = storage_.Remove(name); !removed) return removed;
    Forget(name);
  }
  const Sample& newest = group.samples.back();
  writer_.emplace(SegmentHeader{.stream = first.stream,
                                .stream_order = group.stream_order,
                                .priority = kSamplePriority,
                                .boot_id = boot_id_,
                                .time = newest.time,
                                .since_boot = newest.since_boot});
  segments_.push_back({.name = name,
                       .first = first,
                       .stream_order = group.stream_order,
                       .priority = kSamplePriority,
                       .boot_id = boot_id_,
                       .begun = newest.time,
                       .size = {}});
  return {};
}

Status Spool::AppendAndSync(StoredSegment& segment, std::string_view bytes) {
  const Bytes before = segment.size;
  segment.size.count += bytes.size();
  Status status = storage_.Append(segment.name, bytes);
  if (status) status = storage_.Sync(segment.name);
  if (status) return {};
  const Status undone =
      before.count == 0 ? storage_.Remove(segment.name) : storage_.Truncate(segment.name, before);
  // What cannot be taken back takes its room.
  if (undone) segment.size = before;
  return status;
}

Status Spool::MakeRoom(std::uint64_t bytes, std::vector<Evicted>& evicted) {
  while (const auto lack = Lacks(bytes, {})) {
    // Of no use to throw away what makes no difference.
    if (const auto still = Lacks(bytes, Removable())) {
      return Error{Code::kResourceExhausted, *still == Eviction::kDiskFull
                                                 ? "the file system has no room for the outbox"
                                                 : "larger than the outbox may be"};
    }
    if (Status gone = Evict(*lack, evicted); !gone) return gone;
  }
  return {};
}

Status Spool::Evict(Eviction why, std::vector<Evicted>& evicted) {
  const auto closed_end = segments_.end() - 1;
  const auto victim = std::min_element(segments_.begin(), closed_end, GoesBefore);
  if (victim == closed_end || victim->content == SegmentContent::kStuck) {
    return Error{Code::kResourceExhausted, "removed segments do not make room"};
  }
  if (Status removed = storage_.Remove(victim->name); !removed) {
    if (victim->content == SegmentContent::kSamples) return removed;
    victim->content = SegmentContent::kStuck;  // The next one may go.
    return {};
  }
  evicted.push_back({std::move(*victim), why});
  segments_.erase(victim);
  return {};
}

std::optional<Eviction> Spool::Lacks(std::uint64_t bytes, const Room& without) {
  std::uint64_t used = 0;
  for (const StoredSegment& segment : segments_) used += segment.size.count;
  if (used + bytes > limits_.max_size.count + without.bytes.count) return Eviction::kOutboxFull;
  const auto space = storage_.FreeSpace();
  if (!space) return std::nullopt;  // The write will tell.
  const bool few_inodes = space->free_inodes && *space->free_inodes + without.files <
                                                    std::max(space->inodes / 100, kMinFreeInodes);
  const bool few_bytes = space->free.count + without.bytes.count < limits_.min_free.count + bytes;
  if (few_inodes || few_bytes) return Eviction::kDiskFull;
  return std::nullopt;
}

// All but the one that is about to be written.
Spool::Room Spool::Removable() const {
  Room room;
  for (auto segment = segments_.begin(); segment + 1 < segments_.end(); ++segment) {
    if (segment->content == SegmentContent::kStuck) continue;
    ++room.files;
    room.bytes.count += segment->size.count;
  }
  return room;
}

// A small outbox loses a quarter at a time, not all of it.
Bytes Spool::SegmentSize() const {
  return std::min(kSegmentSize, Bytes{limits_.max_size.count / 4});
}

SpoolRead Spool::Read(const std::string& segment, std::uint64_t after, std::size_t most) {
  SpoolRead read;
  const auto bytes = storage_.Read(segment);
  if (!bytes && bytes.error().code != Code::kNotFound) {
    read.status = bytes.error();
    return read;
  }
  const auto named = ParseSegmentName(segment);
  if (!bytes || !named) return read;
  SegmentReader reader(*bytes, *named);
  while (read.samples.size() < most) {
    const auto record = reader.Next();
    if (!record) break;
    if (record->numbers.sequences.back() <= after) continue;
    auto samples = reader.Decode(*record);
    if (samples) after = MoveSome(*samples, after, most, read.samples);
  }
  if (read.samples.size() == most) read.read_to = after;
  const auto stored = std::ranges::find(segments_, segment, &StoredSegment::name);
  if (stored != segments_.end()) read.boot_id = stored->boot_id;
  read.series = reader.series();
  return read;
}

void Spool::Remove(const std::string& segment) {
  if (storage_.Remove(segment)) return Forget(segment);
  // It takes room until it can be removed, and nothing more is written to it.
  const auto found = std::ranges::find(segments_, segment, &StoredSegment::name);
  if (found == segments_.end()) return;
  if (writer_ && found + 1 == segments_.end()) writer_.reset();
  found->content = SegmentContent::kUnusable;
}

void Spool::Forget(const std::string& segment) {
  if (writer_ && segments_.back().name == segment) writer_.reset();
  std::erase_if(segments_, [&segment](const StoredSegment& s) { return s.name == segment; });
}

}  // namespace edgefeed
