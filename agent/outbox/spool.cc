#include "agent/outbox/spool.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace edgefeed {
namespace {

constexpr Bytes kSegmentSize = KiB(256);
constexpr std::uint64_t kMinFreeInodes = 100;

// A damaged header does not say how old the stream is; another segment of the stream may.
void FillInOrders(std::vector<RecoveredSegment>& segments) {
  std::map<StreamId, std::uint32_t> orders;
  for (const auto& [segment, sequences] : segments) {
    auto& order = orders[segment.first.stream];
    order = std::max(order, segment.stream_order);
  }
  for (auto& [segment, sequences] : segments) segment.stream_order = orders[segment.first.stream];
}

// A position that stands in two files counts once.
void RemoveDoubles(std::vector<RecoveredSegment>& segments) {
  StreamPosition last;
  for (auto& [segment, sequences] : segments) {
    if (segment.first.stream != last.stream) last = {segment.first.stream, 0};
    std::erase_if(sequences, [&last](std::uint64_t number) { return number <= last.sequence; });
    if (!sequences.empty()) last.sequence = sequences.back();
  }
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
  SpoolRecovered found;
  const auto files = storage_.List();
  if (!files) {
    found.status = files.error();
    return found;
  }
  for (const Storage::File& file : *files) {
    if (const auto named = ParseSegmentName(file.name)) RecoverFile(file, *named, found);
  }
  FillInOrders(found.segments);
  std::ranges::sort(found.segments, {}, [](const RecoveredSegment& recovered) {
    const StoredSegment& segment = recovered.segment;
    return std::tuple(segment.stream_order, segment.first.stream, segment.first.sequence);
  });
  RemoveDoubles(found.segments);
  for (const auto& [segment, sequences] : found.segments) segments_.push_back(segment);
  return found;
}

void Spool::RecoverFile(const Storage::File& file, const StreamPosition& named,
                        SpoolRecovered& found) {
  const auto bytes = storage_.Read(file.name);
  if (!bytes) {
    found.damage += {.records = 1, .bytes = file.size.count};
    return;
  }
  SegmentReader reader(*bytes, named);
  if (reader.newer()) return;
  RecoveredSegment recovered;
  while (const auto record = reader.Next()) {
    for (const std::uint64_t sequence : record->numbers.sequences) {
      const bool rises = recovered.sequences.empty() || recovered.sequences.back() < sequence;
      if (rises) recovered.sequences.push_back(sequence);
    }
  }
  found.damage += reader.damage();
  if (recovered.sequences.empty()) {
    // It stays if it cannot be removed, and costs its size until the next start.
    (void)storage_.Remove(file.name);
    return;
  }
  // A run that was killed may have written it without syncing it. A disk that refuses may be
  // read-only: then it is on it for sure.
  (void)storage_.Sync(file.name);
  recovered.segment = {.name = file.name,
                       .first = {reader.header().stream, recovered.sequences.front()},
                       .stream_order = reader.header().stream_order,
                       .priority = reader.header().priority,
                       .size = file.size};
  found.segments.push_back(std::move(recovered));
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
  // Of no use to throw away what makes no difference.
  if (const auto lack = Lacks(bytes, {segments_.size() - 1, UsedByClosed()})) {
    return Error{Code::kResourceExhausted, *lack == Eviction::kDiskFull
                                               ? "the file system has no room for the outbox"
                                               : "larger than the outbox may be"};
  }
  while (const auto lack = Lacks(bytes, {})) {
    const auto closed_end = segments_.end() - 1;
    const auto victim = std::min_element(
        segments_.begin(), closed_end,
        [](const StoredSegment& a, const StoredSegment& b) { return a.priority < b.priority; });
    if (victim == closed_end) {
      return Error{Code::kResourceExhausted, "removed segments do not make room"};
    }
    if (Status removed = storage_.Remove(victim->name); !removed) return removed;
    evicted.push_back({victim->name, *lack});
    segments_.erase(victim);
  }
  return {};
}

std::optional<Eviction> Spool::Lacks(std::uint64_t bytes, const Room& without) {
  const std::uint64_t used = UsedByClosed().count + segments_.back().size.count;
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
Bytes Spool::UsedByClosed() const {
  Bytes used;
  for (auto segment = segments_.begin(); segment + 1 < segments_.end(); ++segment) {
    used.count += segment->size.count;
  }
  return used;
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
  // A time since boot says nothing in another boot: there the time that was known then stays.
  if (reader.header().boot_id != boot_id_) {
    for (Sample& sample : read.samples) sample.since_boot.reset();
  }
  read.series = reader.series();
  return read;
}

void Spool::Remove(const std::string& segment) {
  // A file that cannot be removed is still one of ours: it goes when room is needed.
  if (storage_.Remove(segment)) Forget(segment);
}

void Spool::Forget(const std::string& segment) {
  if (writer_ && segments_.back().name == segment) writer_.reset();
  std::erase_if(segments_, [&segment](const StoredSegment& s) { return s.name == segment; });
}

}  // namespace edgefeed
