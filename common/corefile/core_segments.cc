#include "common/corefile/core_segments.h"

#include <algorithm>

namespace edgefeed {
namespace {

constexpr std::uint64_t kMost = UINT64_MAX;

bool IsDumped(const ElfSegment& segment, std::uint64_t address) {
  return address >= segment.address && address - segment.address < segment.file_bytes;
}

}  // namespace

void CoreSegments::Reserve(std::size_t count) { segments_.reserve(std::min(count, kMaxSegments)); }

void CoreSegments::Add(const ElfSegment& segment) {
  ElfSegment added = segment;
  added.memory_bytes = std::max(added.memory_bytes, added.file_bytes);
  const bool wraps = added.memory_bytes > kMost - added.address ||  //
                     added.file_bytes > kMost - added.offset;
  if (wraps || segments_.size() >= kMaxSegments) return;
  segments_.push_back(added);
}

void CoreSegments::Sort() { std::ranges::sort(segments_, {}, &ElfSegment::address); }

const ElfSegment* CoreSegments::Holding(std::uint64_t address) const {
  const auto behind = std::ranges::upper_bound(segments_, address, {}, &ElfSegment::address);
  if (behind == segments_.begin()) return nullptr;
  const ElfSegment& last = *std::prev(behind);
  return address < last.end() ? &last : nullptr;
}

const ElfSegment* CoreSegments::DumpedFrom(std::uint64_t address, std::uint64_t within) const {
  const ElfSegment* const here = Holding(address);
  if (here != nullptr && IsDumped(*here, address)) return here;
  const auto next = std::ranges::upper_bound(segments_, address, {}, &ElfSegment::address);
  if (next == segments_.end() || next->file_bytes == 0) return nullptr;
  return next->address - address <= within ? &*next : nullptr;
}

std::optional<std::uint64_t> CoreSegments::Gap(std::uint64_t bytes) const {
  for (std::size_t i = 1; i < segments_.size(); ++i) {
    const std::uint64_t end = segments_[i - 1].end();
    const std::uint64_t next = segments_[i].address;
    if (end < next && next - end > bytes + 3 * kPage) return (end + 2 * kPage) & ~(kPage - 1);
  }
  return std::nullopt;
}

}  // namespace edgefeed
