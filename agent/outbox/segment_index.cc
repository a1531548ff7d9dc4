#include "agent/outbox/segment_index.h"

#include <algorithm>
#include <tuple>

namespace edgefeed {

bool IsOlder(const StoredSegment& a, const StoredSegment& b) {
  return std::tie(a.stream_order, a.first.stream, a.first.sequence) <
         std::tie(b.stream_order, b.first.stream, b.first.sequence);
}

std::vector<SegmentIndex::Entry>::iterator SegmentIndex::FindByName(const std::string& name) {
  return std::ranges::find_if(entries_,
                              [&name](const Entry& entry) { return entry.segment.name == name; });
}

void SegmentIndex::Add(const StoredSegment& segment, std::span<const std::uint64_t> sequences) {
  auto entry = FindByName(segment.name);
  if (entry == entries_.end()) entry = entries_.insert(entry, Entry{});
  entry->segment = segment;
  for (const std::uint64_t sequence : sequences) entry->sequences.Append(sequence);
}

std::optional<SegmentIndex::Place> SegmentIndex::Find(StreamId stream, std::uint64_t after) const {
  for (const Entry& entry : entries_) {
    if (entry.segment.first.stream != stream) continue;
    if (const auto next = entry.sequences.Next(after)) return Place{entry.segment.name, *next};
  }
  return std::nullopt;
}

bool SegmentIndex::Contains(const StreamPosition& position) const {
  return std::ranges::any_of(entries_, [&position](const Entry& entry) {
    return entry.segment.first.stream == position.stream &&
           entry.sequences.Contains(position.sequence);
  });
}

std::size_t SegmentIndex::CountUpTo(const StreamPosition& last) const {
  std::size_t count = 0;
  for (const Entry& entry : entries_) {
    if (entry.segment.first.stream == last.stream) {
      count += entry.sequences.CountUpTo(last.sequence);
    }
  }
  return count;
}

std::size_t SegmentIndex::EraseUpTo(const StreamPosition& last) {
  std::size_t count = 0;
  for (Entry& entry : entries_) {
    if (entry.segment.first.stream == last.stream) {
      count += entry.sequences.EraseUpTo(last.sequence);
    }
  }
  return count;
}

std::size_t SegmentIndex::Erase(const StreamPosition& position) {
  const auto erase = [&position](Entry& entry) {
    return entry.segment.first.stream == position.stream &&
           entry.sequences.Erase(position.sequence);
  };
  return std::ranges::any_of(entries_, erase) ? 1 : 0;
}

std::size_t SegmentIndex::EraseMissing(const Place& first, std::uint64_t last,
                                       std::span<const std::uint64_t> found) {
  const auto entry = FindByName(first.segment);
  if (entry == entries_.end()) return 0;
  std::size_t count = 0;
  for (auto next = entry->sequences.Next(first.sequence - 1); next && *next <= last;
       next = entry->sequences.Next(*next)) {
    if (!std::ranges::binary_search(found, *next)) count += entry->sequences.Erase(*next) ? 1 : 0;
  }
  return count;
}

std::size_t SegmentIndex::Drop(const std::string& segment) {
  const auto entry = FindByName(segment);
  if (entry == entries_.end()) return 0;
  const std::size_t count = entry->sequences.size();
  entries_.erase(entry);
  return count;
}

std::vector<std::string> SegmentIndex::TakeEmpty() {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) {
    if (entry.sequences.empty()) names.push_back(entry.segment.name);
  }
  std::erase_if(entries_, [](const Entry& entry) { return entry.sequences.empty(); });
  return names;
}

bool SegmentIndex::HoldsSamplesOf(const BootId& boot) const {
  return std::ranges::any_of(entries_, [&boot](const Entry& entry) {
    return entry.segment.boot_id == boot && !entry.sequences.empty();
  });
}

std::size_t SegmentIndex::samples() const {
  std::size_t count = 0;
  for (const Entry& entry : entries_) count += entry.sequences.size();
  return count;
}

std::optional<WallTime> SegmentIndex::oldest() const {
  const auto first =
      std::ranges::find_if(entries_, [](const Entry& entry) { return !entry.sequences.empty(); });
  if (first == entries_.end()) return std::nullopt;
  return first->segment.begun;
}

Bytes SegmentIndex::bytes() const {
  Bytes bytes;
  for (const Entry& entry : entries_) bytes.count += entry.segment.size.count;
  return bytes;
}

}  // namespace edgefeed
