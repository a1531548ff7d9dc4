#include "agent/outbox/recovery.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "agent/outbox/segment_format.h"

namespace edgefeed {
namespace {

// What is read of a segment at the start.
struct Found {
  std::vector<std::uint64_t> sequences;  // Of all samples that can be read.
  std::optional<BootTrace> trace;
};

// A run of the agent never knows less of the time than before, so the last record dates all. Only
// that one is decoded: a start must not take long.
Found ReadAll(SegmentReader& reader) {
  Found content;
  std::optional<SampleRecord> last;
  while (auto record = reader.Next()) {
    for (const std::uint64_t sequence : record->numbers.sequences) {
      const bool rises = content.sequences.empty() || content.sequences.back() < sequence;
      if (rises) content.sequences.push_back(sequence);
    }
    last = std::move(record);
  }
  if (!last) return content;
  const auto samples = reader.Decode(*last);
  if (samples) content.trace = TraceOf(reader.header().boot_id, samples->back());
  return content;
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
  auto content = ReadAll(reader);
  found.damage += reader.damage();
  if (content.sequences.empty()) {
    if (!storage.Remove(file.name)) found.others.push_back(std::move(segment));
    return;
  }
  // A run that was killed may have written it without syncing it. A disk that refuses may be
  // read-only: then it is on it for sure.
  (void)storage.Sync(file.name);
  segment.first = {reader.header().stream, content.sequences.front()};
  segment.boot_id = reader.header().boot_id;
  segment.begun = reader.header().time;
  segment.content = SegmentContent::kSamples;
  found.segments.push_back({std::move(segment), std::move(content.sequences), content.trace});
}

// A damaged header does not say how old the stream is, nor its boot; another segment of the stream
// may.
void FillInHeaders(std::vector<RecoveredSegment>& segments) {
  std::map<StreamId, std::pair<std::uint32_t, BootId>> known;
  for (const auto& [segment, sequences, trace] : segments) {
    auto& of_stream = known[segment.first.stream];
    of_stream = std::max(of_stream, {segment.stream_order, segment.boot_id});
  }
  for (auto& [segment, sequences, trace] : segments) {
    std::tie(segment.stream_order, segment.boot_id) = known[segment.first.stream];
  }
}

// A position that stands in two files counts once.
void RemoveDoubles(std::vector<RecoveredSegment>& segments) {
  StreamPosition last;
  for (auto& [segment, sequences, trace] : segments) {
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
  FillInHeaders(found.segments);
  std::ranges::sort(found.segments, IsOlder, &RecoveredSegment::segment);
  RemoveDoubles(found.segments);
  for (const RecoveredSegment& recovered : found.segments) {
    if (recovered.trace) found.boots.Note(*recovered.trace);
  }
  return found;
}

}  // namespace edgefeed
