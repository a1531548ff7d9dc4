#include "common/corefile/core_reducer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/sizes.h"
#include "common/corefile/core_front.h"
#include "common/corefile/link_map.h"
#include "common/corefile/reduced_notes.h"
#include "common/corefile/reduction_plan.h"
#include "common/corefile/stream_cutter.h"

namespace edgefeed {
namespace {

// Of program headers, of which there may be 65,534.
constexpr std::size_t kMaxUntouched = 60000;

constexpr std::uint64_t PageUp(std::uint64_t offset) { return (offset + kPage - 1) & ~(kPage - 1); }

// The segments of the result: what is kept, and between it what is not, as memory without bytes.
std::vector<ElfSegment> Rearrange(const CoreSegments& segments,
                                  const std::vector<KeptRange>& kept) {
  std::vector<ElfSegment> result;
  const bool with_untouched = segments.all().size() <= kMaxUntouched;
  std::size_t next = 0;
  for (const ElfSegment& segment : segments.all()) {
    const auto add = [&](std::uint64_t begin, std::uint64_t end, std::uint64_t file_bytes) {
      result.push_back({.type = PT_LOAD,
                        .flags = segment.flags,
                        .address = begin,
                        .file_bytes = file_bytes,
                        .memory_bytes = end - begin});
    };
    std::uint64_t done = segment.address;
    for (; next < kept.size() && kept[next].address < segment.end(); ++next) {
      const KeptRange& range = kept[next];
      if (range.address < done) continue;
      if (range.address > done) add(done, range.address, 0);
      done = range.address + range.bytes;
      add(range.address, done, range.bytes);
      result.back().offset = range.new_offset;
    }
    if (done < segment.end() && with_untouched) add(done, segment.end(), 0);
  }
  return result;
}

bool Holds(const KeptRange& range, std::uint64_t address, std::uint64_t bytes) {
  return address >= range.address && range.bytes >= bytes &&
         address - range.address <= range.bytes - bytes;
}

}  // namespace

// The phases: what stands in front of the memory, the program's first page, which says what else
// to keep, and the memory that is kept, as it comes by.
struct CoreReducer::Impl {
  enum class Phase { kFront, kProgramHead, kMemory, kFailed };

  Impl() : front([this](const ElfNote& note) { notes.Take(note); }) {}

  [[nodiscard]] ElfClass elf_class() const { return front.header().elf_class; }
  CoreFacts& facts() { return front.facts(); }

  [[nodiscard]] bool MemoryIsBehindNotes() const {
    return std::ranges::none_of(front.segments().all(), [this](const ElfSegment& segment) {
      return segment.file_bytes > 0 && segment.offset < front.position();
    });
  }

  // Waits for the program's first page when it comes before everything else that is kept.
  void BeginProgramHead(std::string& out) {
    kept = PlanReduction(front.segments(), facts());
    program = facts().entry ? ModuleAt(facts().modules, *facts().entry) : nullptr;
    const bool comes_first = program != nullptr && program->starts_with_file && facts().loader &&
                             !kept.empty() && kept.front().address == program->module.start &&
                             kept.front().blank == 0;
    if (!comes_first) return BeginMemory(front.position(), out);
    phase = Phase::kProgramHead;
    cutter = StreamCutter({{.offset = kept.front().offset, .bytes = kept.front().bytes}},
                          front.position());
  }

  void TakeProgramHead(std::string_view& bytes, std::string& out) {
    const FileRange head{.offset = kept.front().offset, .bytes = kept.front().bytes};
    const std::size_t left = ToSize(head.end() - cutter.position());
    cutter.Update(bytes.substr(0, left),
                  [this](std::size_t, std::string_view piece) { taken.append(piece); });
    bytes.remove_prefix(std::min(left, bytes.size()));
    if (cutter.position() < head.end()) return;
    const std::string first = std::exchange(taken, {});
    ReadModuleHead(first, *program);
    kept = PlanReduction(front.segments(), facts());
    BeginMemory(head.offset, out);
    TakeMemory(first, out);
  }

  void BeginMemory(std::uint64_t position, std::string& out) {
    phase = Phase::kMemory;
    WriteFront(out);
    std::vector<FileRange> ranges;
    ranges.reserve(kept.size());
    for (const KeptRange& range : kept) {
      ranges.push_back({.offset = range.offset + range.blank, .bytes = range.bytes - range.blank});
    }
    cutter = StreamCutter(std::move(ranges), position);
  }

  void TakeMemory(std::string_view bytes, std::string& out) {
    cutter.Update(bytes, [this, &out](std::size_t index, std::string_view piece) {
      if (index != current) EndRange();
      current = index;
      if (taken.size() < kPage) taken.append(piece);
      WriteDebug(kept[index].address, out);
      PadTo(kept[index].new_offset + kept[index].blank, out);
      Write(piece, out);
    });
  }

  // What has been kept may tell where libraries are.
  void EndRange() {
    if (taken.empty()) return;
    const KeptRange& range = kept[current];
    CoreModule* const module = ModuleAt(facts().modules, range.address);
    const bool is_head = module != nullptr && module->starts_with_file &&
                         module->module.start == range.address && range.blank == 0;
    if (is_head) ReadModuleHead(taken, *module);
    const bool is_dynamic = program != nullptr && program->dynamic && range.blank < kPage &&
                            range.address + range.blank == program->dynamic->address;
    if (is_dynamic) debug_address = FindDebugAddress(taken, elf_class());
    taken.clear();
  }

  // Before what is kept from `address` on.
  void WriteDebug(std::uint64_t address, std::string& out) {
    if (!debug_address || address <= *debug_address || list.memory_bytes == 0) return;
    const std::uint64_t at = *std::exchange(debug_address, std::nullopt);
    const std::string debug = MakeDebug(list.address, facts().loader.value_or(0), elf_class());
    for (const KeptRange& range : kept) {
      const std::uint64_t offset = range.new_offset + (at - range.address);
      const bool is_free = range.blank == range.bytes && Holds(range, at, debug.size());
      if (!is_free || offset < written) continue;
      PadTo(offset, out);
      Write(debug, out);
    }
  }

  void EndMemory(std::string& out) {
    EndRange();
    WriteDebug(UINT64_MAX, out);
    if (!kept.empty()) PadTo(kept.back().new_offset + kept.back().bytes, out);
    if (list.memory_bytes == 0) return;
    PadTo(list.offset, out);
    Write(MakeLinkMap(facts().modules, *program, list.address, elf_class()), out);
    PadTo(list.offset + list.memory_bytes, out);
  }

  void Write(std::string_view bytes, std::string& out) {
    out.append(bytes);
    written += bytes.size();
  }
  void PadTo(std::uint64_t offset, std::string& out) {
    if (offset <= written) return;
    out.append(ToSize(offset - written), '\0');
    written = offset;
  }

  void WriteFront(std::string& out) {
    PlaceList();
    // Which segments there are does not depend on where their bytes go.
    const std::uint64_t notes_at =
        ElfHeaderBytes(elf_class()) + (1 + Segments().size()) * ElfSegmentBytes(elf_class());
    std::uint64_t end = notes_at + notes.bytes().size();
    for (KeptRange& range : kept) {
      range.new_offset = PageUp(end);
      end = range.new_offset + range.bytes;
    }
    list.offset = PageUp(end);
    WriteHeaders(notes_at, out);
    Write(notes.bytes(), out);
  }

  // Where the process had nothing.
  void PlaceList() {
    if (program == nullptr || !program->dynamic) return;
    const std::size_t bytes = LinkMapBytes(facts().modules, elf_class());
    const auto address = front.segments().Gap(bytes);
    if (!address) return;
    list = {.type = PT_LOAD,
            .flags = PF_R,
            .address = *address,
            .file_bytes = bytes,
            .memory_bytes = bytes};
  }

  [[nodiscard]] std::vector<ElfSegment> Segments() const {
    std::vector<ElfSegment> segments = Rearrange(front.segments(), kept);
    if (list.memory_bytes > 0) {
      const auto behind =
          std::ranges::upper_bound(segments, list.address, {}, &ElfSegment::address);
      segments.insert(behind, list);
    }
    return segments;
  }

  void WriteHeaders(std::uint64_t notes_at, std::string& out) {
    const std::vector<ElfSegment> segments = Segments();
    ElfHeader header = front.header();
    header.segments_offset = ElfHeaderBytes(elf_class());
    header.segments = static_cast<std::uint16_t>(1 + segments.size());
    std::string bytes;
    AppendElfHeader(header, bytes);
    AppendElfSegment({.type = PT_NOTE, .offset = notes_at, .file_bytes = notes.bytes().size()}, 4,
                     elf_class(), bytes);
    for (const ElfSegment& segment : segments) AppendElfSegment(segment, kPage, elf_class(), bytes);
    Write(bytes, out);
  }

  Status Fail(std::string what) {
    phase = Phase::kFailed;
    return Error{Code::kDataLoss, std::move(what)};
  }

  Phase phase = Phase::kFront;
  ReducedNotes notes;
  CoreFront front;
  CoreModule* program = nullptr;  // Of the facts.
  std::vector<KeptRange> kept;
  ElfSegment list;  // Of libraries, for debuggers; empty when it cannot be made.
  std::optional<std::uint64_t> debug_address;
  StreamCutter cutter;
  std::size_t current = 0;  // Which of `kept` is being taken …
  std::string taken;        // … and the beginning of it.
  std::uint64_t written = 0;
};

CoreReducer::CoreReducer() : impl_(std::make_unique<Impl>()) {}
CoreReducer::~CoreReducer() = default;

Status CoreReducer::Update(std::string_view bytes, std::string& out) {
  using Phase = Impl::Phase;
  Impl& impl = *impl_;
  if (impl.phase == Phase::kFront) {
    impl.front.Update(bytes);
    const auto progress = impl.front.progress();
    if (progress == CoreFront::Progress::kNoCore) return impl.Fail("not a core file");
    if (progress != CoreFront::Progress::kDone) return {};
    if (!impl.MemoryIsBehindNotes()) {
      return impl.Fail("core file: its notes are not in front of its memory");
    }
    impl.BeginProgramHead(out);
  }
  if (impl.phase == Phase::kProgramHead) impl.TakeProgramHead(bytes, out);
  if (impl.phase == Phase::kMemory) impl.TakeMemory(bytes, out);
  return impl.phase == Phase::kFailed ? impl.Fail("not a core file") : Status();
}

Status CoreReducer::Finish(std::string& out) {
  using Phase = Impl::Phase;
  Impl& impl = *impl_;
  if (impl.phase == Phase::kFailed) return impl.Fail("not a core file");
  if (impl.phase == Phase::kFront) {
    impl.front.Finish();
    if (impl.front.progress() != CoreFront::Progress::kNotes) {
      return impl.Fail("core file: cut short in its headers");
    }
    impl.WriteFront(out);  // The notes that there are, and no memory.
    return {};
  }
  if (impl.phase == Phase::kProgramHead) {
    impl.program = nullptr;
    impl.BeginMemory(impl.kept.front().offset, out);
    impl.TakeMemory(std::exchange(impl.taken, {}), out);
  }
  impl.EndMemory(out);
  return {};
}

}  // namespace edgefeed
