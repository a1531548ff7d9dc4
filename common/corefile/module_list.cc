#include "common/corefile/module_list.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/base/sizes.h"
#include "common/corefile/elf_build_id.h"
#include "common/corefile/note_reader.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxListed = 4096;
constexpr std::size_t kMaxPathBytes = 4096;
constexpr std::size_t kMaxBuildIdBytes = 64;
constexpr std::string_view kDeleted = " (deleted)";

// NT_FILE: number of mappings, size of a page, then start, end and offset (in pages) of each
// mapping, then their paths, each with a zero behind it.
constexpr std::uint64_t kHeadWords = 2;
constexpr std::uint64_t kMappingWords = 3;

struct Mapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t page = 0;
};

class FileNote {
 public:
  FileNote(std::string_view note, ElfClass elf_class) : note_(note), elf_class_(elf_class) {}

  // Nothing when the note ends before its list of mappings does.
  [[nodiscard]] std::optional<std::uint64_t> PathsAt() const {
    const auto count = Word(0);
    if (!count || *count > note_.size()) return std::nullopt;
    const std::uint64_t at = (kHeadWords + kMappingWords * *count) * WordBytes(elf_class_);
    if (at > note_.size()) return std::nullopt;
    return at;
  }
  [[nodiscard]] std::uint64_t count() const { return *Word(0); }
  [[nodiscard]] Mapping At(std::uint64_t index) const {
    const std::uint64_t first = kHeadWords + kMappingWords * index;
    return {.start = *Word(first), .end = *Word(first + 1), .page = *Word(first + 2)};
  }

 private:
  [[nodiscard]] std::optional<std::uint64_t> Word(std::uint64_t index) const {
    return ReadWord(note_, index * WordBytes(elf_class_), elf_class_);
  }

  std::string_view note_;
  ElfClass elf_class_;
};

// Takes the next path off `rest`; nothing when it is cut off.
std::optional<std::string_view> NextPath(std::string_view& rest) {
  const auto end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view path = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return path.substr(0, kMaxPathBytes);
}

// The build id among the notes of the file itself.
std::string FindBuildId(std::string_view notes) {
  std::string build_id;
  NoteReader reader([&build_id](const ElfNote& note) {
    const bool is_build_id = note.name == "GNU" && note.type == NT_GNU_BUILD_ID;
    if (is_build_id && note.content.size() <= kMaxBuildIdBytes) build_id = note.content;
  });
  reader.Update(notes);
  return build_id;
}

std::string Hexadecimal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
  return text;
}

}  // namespace

std::vector<CoreModule> ParseModules(std::string_view note, ElfClass elf_class) {
  std::vector<CoreModule> modules;
  const FileNote files(note, elf_class);
  const auto paths_at = files.PathsAt();
  if (!paths_at) return modules;
  std::string_view paths = note.substr(ToSize(*paths_at));
  std::uint64_t last_page = 0;
  for (std::uint64_t i = 0; i < files.count(); ++i) {
    const auto path = NextPath(paths);
    if (!path) break;
    const Mapping mapping = files.At(i);
    if (mapping.start >= mapping.end) continue;
    const bool goes_on = !modules.empty() && modules.back().module.path == *path &&
                         modules.back().module.end <= mapping.start && mapping.page >= last_page;
    last_page = mapping.page;
    if (goes_on) {
      modules.back().module.end = mapping.end;
    } else if (modules.size() < kMaxListed) {
      modules.push_back(
          {.module = {.path = std::string(*path), .start = mapping.start, .end = mapping.end},
           .starts_with_file = mapping.page == 0,
           .load_bias = mapping.start});
    }
  }
  std::ranges::stable_sort(modules, {}, [](const CoreModule& m) { return m.module.start; });
  return modules;
}

const CoreModule* ModuleAt(const std::vector<CoreModule>& modules, std::uint64_t address) {
  auto behind = std::ranges::upper_bound(modules, address, {},
                                         [](const CoreModule& m) { return m.module.start; });
  if (behind == modules.begin()) return nullptr;
  const CoreModule& last = *std::prev(behind);
  return address < last.module.end ? &last : nullptr;
}

CoreModule* ModuleAt(std::vector<CoreModule>& modules, std::uint64_t address) {
  const CoreModule* const found = ModuleAt(std::as_const(modules), address);
  return found == nullptr ? nullptr : &modules[static_cast<std::size_t>(found - modules.data())];
}

void ReadModuleHead(std::string_view head, CoreModule& module) {
  const auto header = ParseElfHeader(head);
  if (!header || header->segment_bytes < ElfSegmentBytes(header->elf_class)) return;
  bool found_start = false;
  for (std::uint64_t i = 0; i < header->segments; ++i) {
    const std::uint64_t at = header->segments_offset + i * header->segment_bytes;
    if (at >= head.size()) return;
    const auto segment = ParseElfSegment(head.substr(ToSize(at)), header->elf_class);
    if (!segment) return;
    if (segment->type == PT_LOAD && !found_start) {
      module.load_bias = module.module.start - (segment->address - segment->offset);
      found_start = true;
    }
    if (segment->type == PT_DYNAMIC) {
      module.dynamic = {.address = module.load_bias + segment->address,
                        .bytes = segment->memory_bytes};
    }
    if (segment->type == PT_NOTE && segment->offset < head.size() &&
        module.module.build_id.empty()) {
      module.module.build_id = Hexadecimal(
          FindBuildId(head.substr(ToSize(segment->offset), ToSize(segment->file_bytes))));
    }
  }
}

std::string ElfBuildId(std::string_view head) {
  CoreModule module;
  ReadModuleHead(head, module);
  return module.module.build_id;
}

}  // namespace edgefeed
