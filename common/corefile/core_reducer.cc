#include "common/corefile/core_reducer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/corefile/core_front.h"
#include "common/corefile/reduced_notes.h"
#include "common/corefile/reduction_plan.h"
#include "common/corefile/stream_cutter.h"

namespace edgefeed {
namespace {

constexpr std::uint64_t kPage = 4096;
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

}  // namespace

struct CoreReducer::Impl {
  Impl() : front([this](const ElfNote& note) { notes.Take(note); }) {}

  [[nodiscard]] bool MemoryIsBehindNotes() const {
    return std::ranges::none_of(front.segments().all(), [this](const ElfSegment& segment) {
      return segment.file_bytes > 0 && segment.offset < front.position();
    });
  }

  void Write(std::string_view bytes, std::string& out) {
    out.append(bytes);
    written += bytes.size();
  }
  void PadTo(std::uint64_t offset, std::string& out) {
    if (offset <= written) return;
    out.append(offset - written, '\0');
    written = offset;
  }

  void WriteFront(std::string& out) {
    const ElfClass elf_class = front.header().elf_class;
    // Which segments there are does not depend on where their bytes go.
    const std::uint64_t notes_at =
        ElfHeaderBytes(elf_class) +
        (1 + Rearrange(front.segments(), kept).size()) * ElfSegmentBytes(elf_class);
    std::uint64_t end = notes_at + notes.bytes().size();
    for (KeptRange& range : kept) {
      range.new_offset = PageUp(end);
      end = range.new_offset + range.bytes;
    }
    WriteHeaders(notes_at, out);
    Write(notes.bytes(), out);
  }

  void WriteHeaders(std::uint64_t notes_at, std::string& out) {
    const ElfClass elf_class = front.header().elf_class;
    const std::vector<ElfSegment> segments = Rearrange(front.segments(), kept);
    ElfHeader header = front.header();
    header.segments_offset = ElfHeaderBytes(elf_class);
    header.segments = static_cast<std::uint16_t>(1 + segments.size());
    std::string bytes;
    AppendElfHeader(header, bytes);
    AppendElfSegment({.type = PT_NOTE, .offset = notes_at, .file_bytes = notes.bytes().size()}, 4,
                     elf_class, bytes);
    for (const ElfSegment& segment : segments) AppendElfSegment(segment, kPage, elf_class, bytes);
    Write(bytes, out);
  }

  void BeginMemory() {
    std::vector<FileRange> ranges;
    for (const KeptRange& range : kept) {
      ranges.push_back({.offset = range.offset + range.blank, .bytes = range.bytes - range.blank});
    }
    cutter = StreamCutter(std::move(ranges), front.position());
  }

  Status Fail(std::string what) {
    failed = true;
    return Error{Code::kDataLoss, std::move(what)};
  }

  ReducedNotes notes;
  CoreFront front;
  bool in_memory = false;
  bool failed = false;
  std::uint64_t written = 0;
  std::vector<KeptRange> kept;
  StreamCutter cutter;
};

CoreReducer::CoreReducer() : impl_(std::make_unique<Impl>()) {}
CoreReducer::~CoreReducer() = default;

Status CoreReducer::Update(std::string_view bytes, std::string& out) {
  Impl& impl = *impl_;
  if (!impl.in_memory) {
    impl.front.Update(bytes);
    const auto progress = impl.front.progress();
    if (progress == CoreFront::Progress::kNoCore || impl.failed)
      return impl.Fail("not a core file");
    if (progress != CoreFront::Progress::kDone) return {};
    if (!impl.MemoryIsBehindNotes()) {
      return impl.Fail("core file: its notes are not in front of its memory");
    }
    impl.in_memory = true;
    impl.kept = PlanReduction(impl.front.segments(), impl.front.facts());
    impl.WriteFront(out);
    impl.BeginMemory();
  }
  impl.cutter.Update(bytes, [&impl, &out](std::size_t index, std::string_view piece) {
    impl.PadTo(impl.kept[index].new_offset + impl.kept[index].blank, out);
    impl.Write(piece, out);
  });
  return {};
}

Status CoreReducer::Finish(std::string& out) {
  Impl& impl = *impl_;
  if (impl.failed) return impl.Fail("not a core file");
  if (!impl.in_memory) {
    impl.front.Finish();
    if (impl.front.progress() != CoreFront::Progress::kNotes) {
      return impl.Fail("core file: cut short in its headers");
    }
    impl.WriteFront(out);  // The notes that there are, and no memory.
  } else if (!impl.kept.empty()) {
    impl.PadTo(impl.kept.back().new_offset + impl.kept.back().bytes, out);
  }
  return {};
}

}  // namespace edgefeed
