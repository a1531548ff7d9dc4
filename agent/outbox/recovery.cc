#include "agent/outbox/recovery.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "agent/outbox/segment_format.h"

namespace edgefeed {
namespace {

// The numbers of all samples that can be read.
std::vector<std::uint64_t> ReadSequences(SegmentReader& reader) {
  std::vector<std::uint64_t> sequences;
  while (const auto record = reader.Next()) {
    for (const std::uint64_t sequence : record->numbers.sequences) {
      const bool rises = sequences.empty() || sequences.back() < sequence;
      if (rises) sequences.push_back(sequence);
    }
  }
  return sequences;
}

void RecoverFile(Storage& storage, const Storage::File& file, const StreamPosition& named,
                 SpoolRecovered& found) {
  StoredSegment segment{
      .name = file.name, .first = named, .content = SegmentContent::kUnusable, .size = file.size};
  const auto bytes = storage.Read(file.name);
  if (!bytes) {
    found.damage += {.records = 1, .bytes = file.size.count};
    return found.others.push_back(std::move(segment));
  }
  SegmentReader reader(*bytes, named);
  segment.stream_order = reader.header().stream_order;
  segment.priority = reader.header().priority;
  if (reader.newer()) {
    segment.content = SegmentContent::kNewer;
    return found.others.push_back(std::move(segment));
  }
  auto sequences = ReadSequences(reader);
  found.damage += reader.damage();
  if (sequences.empty()) {
    if (!storage.Remove(file.name)) found.others.push_back(std::move(segment));
    return;
  }
  // A run that was killed may have written it without syncing it. A disk that refuses may be
  // read-only: then it is on it for sure.
  (void)storage.Sync(file.name);
  segment.first = {reader.header().stream, sequences.front()};
  segment.content = SegmentContent::kSamples;
  found.segments.push_back({std::move(segment), std::move(sequences)});
}

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

}  // namespace

SpoolRecovered RecoverSegments(Storage& storage) {
  SpoolRecovered found;
  const auto files = storage.List();
  if (!files) {
    found.status = files.error();
    return found;
  }
  for (const Storage::File& file : *files) {
    if (const auto named = ParseSegmentName(file.name)) RecoverFile(storage, file, *named, found);
  }
  FillInOrders(found.segments);
  std::ranges::sort(found.segments, IsOlder, &RecoveredSegment::segment);
  RemoveDoubles(found.segments);
  return found;
}

}  // namespace edgefeed
