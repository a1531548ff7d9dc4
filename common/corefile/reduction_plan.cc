#include "common/corefile/reduction_plan.h"

#include <algorithm>
#include <optional>

namespace edgefeed {
namespace {

constexpr std::uint64_t kVdsoBytes = 16 << 10;
// Below the stack pointer, where x86-64 lets leaf functions write.
constexpr std::uint64_t kRedZone = 128;
// A stack that has overflown has its pointer below its memory.
constexpr std::uint64_t kMaxOverflow = 1 << 20;
constexpr std::uint64_t kMaxDynamicBytes = 8 << 10;
constexpr std::uint64_t kMaxLoaderBytes = 64 << 10;
constexpr std::size_t kMaxWholeModules = 1024;
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
    AddDynamic();
    if (!facts_.stack_texts.empty()) AddStacks();
    std::ranges::sort(wanted_, {}, &KeptRange::address);
    return Separate();
  }

 private:
  void AddModules() {
    std::size_t count = 0;
    for (const CoreModule& module : facts_.modules) {
      if (!module.starts_with_file || count == kMaxWholeModules) continue;
      ++count;
      Add(segments_.Holding(module.module.start), module.module.start, kPage);
    }
    if (facts_.vdso) Add(segments_.Holding(*facts_.vdso), *facts_.vdso, kVdsoBytes);
  }

  void AddDynamic() {
    const CoreModule* const program =
        facts_.entry ? ModuleAt(facts_.modules, *facts_.entry) : nullptr;
    if (program == nullptr || !program->dynamic || !facts_.loader) return;
    const auto [address, bytes] = *program->dynamic;
    const ElfSegment* const segment = segments_.Holding(address);
    if (segment == nullptr || bytes > kMaxDynamicBytes) return;
    const std::uint64_t page = std::max(address & ~(kPage - 1), segment->address);
    Add(segment, page, address - page + bytes, address - page);
    AddLoaderData();
  }

  // Its own, and what is zero in its file and follows.
  void AddLoaderData() {
    const CoreModule* const loader = ModuleAt(facts_.modules, *facts_.loader);
    if (loader == nullptr) return;
    const ElfSegment* segment = segments_.Holding(*facts_.loader);
    const ElfSegment* const last = segments_.all().data() + segments_.all().size();
    for (; segment != nullptr && segment != last; ++segment) {
      if (segment->address > loader->module.end) return;
      const bool fits = segment->file_bytes <= kMaxLoaderBytes && segment->file_bytes > 0;
      if ((segment->flags & PF_W) == 0 || !fits) continue;
      wanted_.push_back({.address = segment->address,
                         .offset = segment->offset,
                         .bytes = segment->file_bytes,
                         .blank = segment->file_bytes});
    }
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
        last.blank = std::min(last.blank, range.address - last.address + range.blank);
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
