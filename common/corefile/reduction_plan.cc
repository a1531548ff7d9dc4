#include "common/corefile/reduction_plan.h"

#include <algorithm>
#include <optional>

namespace edgefeed {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kVdsoBytes = 16 << 10;
// Below the stack pointer, where x86-64 lets leaf functions write.
constexpr std::uint64_t kRedZone = 128;
// A stack that has overflown has its pointer below its memory.
constexpr std::uint64_t kMaxOverflow = 1 << 20;
constexpr std::size_t kMaxModules = 1024;
constexpr std::size_t kMaxStacks = 1024;

constexpr std::uint64_t StackBytes(std::size_t thread) {
  if (thread == 0) return 128 << 10;
  return thread < 64 ? 32 << 10 : 2 << 10;
}

class Planner {
 public:
  Planner(const CoreSegments& segments, const CoreFacts& facts)
      : segments_(segments), facts_(facts) {}

  std::vector<KeptRange> Plan() {
    AddModules();
    if (!facts_.stack_texts.empty()) AddStacks();
    std::ranges::sort(wanted_, {}, &KeptRange::address);
    return Separate();
  }

 private:
  void AddModules() {
    std::size_t count = 0;
    for (const CoreModule& module : facts_.modules) {
      if (!module.starts_with_file || count == kMaxModules) continue;
      ++count;
      Add(segments_.Holding(module.module.start), module.module.start, kPage);
    }
    if (facts_.vdso) Add(segments_.Holding(*facts_.vdso), *facts_.vdso, kVdsoBytes);
  }

  void AddStacks() {
    const std::size_t count = std::min(facts_.threads.size(), kMaxStacks);
    for (std::size_t i = 0; i < count; ++i) {
      const auto sp = facts_.threads[i].sp;
      if (!sp || *sp < kPage) continue;
      const ElfSegment* const segment = segments_.DumpedFrom(*sp, kMaxOverflow);
      if (segment == nullptr) continue;
      const std::uint64_t live = std::max(*sp - kRedZone, segment->address);
      const std::uint64_t page = std::max(live & ~(kPage - 1), segment->address);
      const std::uint64_t behind = std::max(*sp, segment->address) + StackBytes(i);
      Add(segment, page, behind - page, live - page);
    }
  }

  // As much of these addresses as the core has of the segment, up to the texts above a stack.
  void Add(const ElfSegment* segment, std::uint64_t address, std::uint64_t bytes,
           std::uint64_t blank = 0) {
    if (segment == nullptr) return;
    const std::uint64_t skipped = address - segment->address;
    if (skipped >= segment->file_bytes) return;
    bytes = std::min(bytes, segment->file_bytes - skipped);
    for (const std::uint64_t text : facts_.stack_texts) {
      if (text < segment->address || text >= segment->end()) continue;
      if (text <= address) return;
      bytes = std::min(bytes, text - address);
    }
    if (bytes <= blank) return;
    wanted_.push_back(
        {.address = address, .offset = segment->offset + skipped, .bytes = bytes, .blank = blank});
  }

  std::vector<KeptRange> Separate() {
    std::vector<KeptRange> kept;
    for (const KeptRange& range : wanted_) {
      if (kept.empty()) {
        kept.push_back(range);
        continue;
      }
      KeptRange& last = kept.back();
      const bool same_place = range.offset - last.offset == range.address - last.address;
      if (same_place && range.address - last.address < last.bytes) {
        last.bytes = std::max(last.bytes, range.address - last.address + range.bytes);
      } else if (range.address >= last.address + last.bytes &&
                 range.offset >= last.offset + last.bytes) {
        kept.push_back(range);
      }
    }
    return kept;
  }

  const CoreSegments& segments_;
  const CoreFacts& facts_;
  std::vector<KeptRange> wanted_;
};

}  // namespace

std::vector<KeptRange> PlanReduction(const CoreSegments& segments, const CoreFacts& facts) {
  return Planner(segments, facts).Plan();
}

}  // namespace edgefeed
