#include "tests/support/core_builder.h"

#include <csignal>
#include <cstring>

namespace edgefeed {
namespace {

template <typename T>
void Put(std::string& bytes, std::size_t offset, T value) {
  if (bytes.size() < offset + sizeof value) bytes.resize(offset + sizeof value);
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

void Pad(std::string& bytes, std::size_t to) { bytes.resize((bytes.size() + to - 1) / to * to); }

std::string NoteBytes(std::string_view name, std::uint32_t type, std::string_view content) {
  std::string note;
  Put(note, 0,
      Elf64_Nhdr{static_cast<std::uint32_t>(name.size() + 1),
                 static_cast<std::uint32_t>(content.size()), type});
  note.append(name).append(1, '\0');
  Pad(note, 4);
  note.append(content);
  Pad(note, 4);
  return note;
}

}  // namespace

CoreBuilder::CoreBuilder(ElfClass elf_class, std::uint16_t machine)
    : elf_class_(elf_class), machine_(machine) {}

void CoreBuilder::Word(std::string& out, std::uint64_t value) const {
  if (elf_class_ == ElfClass::k64) return Put(out, out.size(), value);
  Put(out, out.size(), static_cast<std::uint32_t>(value));
}

CoreBuilder& CoreBuilder::Note(std::string_view name, std::uint32_t type,
                               std::string_view content) {
  return RawNotes(NoteBytes(name, type, content));
}

CoreBuilder& CoreBuilder::RawNotes(std::string_view bytes) {
  notes_.append(bytes);
  return *this;
}

CoreBuilder& CoreBuilder::Thread(std::uint32_t id, std::uint32_t signal,
                                 const std::vector<std::uint64_t>& registers) {
  const bool is64 = elf_class_ == ElfClass::k64;
  std::string status;
  Put(status, 12, static_cast<std::uint16_t>(signal));
  Put(status, is64 ? 32 : 24, id);
  status.resize(is64 ? 112 : 72);
  for (const std::uint64_t value : registers) Word(status, value);
  Word(status, 1);  // pr_fpvalid
  return Note("CORE", NT_PRSTATUS, status);
}

CoreBuilder& CoreBuilder::Process(std::uint32_t pid, std::uint32_t uid, std::string_view command,
                                  std::string_view command_line) {
  const bool is64 = elf_class_ == ElfClass::k64;
  std::string info(is64 ? 136 : 124, '\0');
  if (is64) {
    Put(info, 16, uid);
  } else {
    Put(info, 8, static_cast<std::uint16_t>(uid));
  }
  Put(info, is64 ? 24 : 12, pid);
  info.replace(is64 ? 40 : 28, command.size(), command);
  info.replace(is64 ? 56 : 44, command_line.size(), command_line);
  return Note("CORE", NT_PRPSINFO, info);
}

CoreBuilder& CoreBuilder::Signal(std::uint32_t signal, std::int32_t code, std::uint64_t address) {
  std::string info(128, '\0');
  Put(info, 0, signal);
  Put(info, 8, code);
  std::string word;
  Word(word, address);
  info.replace(elf_class_ == ElfClass::k64 ? 16 : 12, word.size(), word);
  return Note("CORE", NT_SIGINFO, info);
}

CoreBuilder& CoreBuilder::AuxiliaryVector(
    const std::vector<std::pair<std::uint64_t, std::uint64_t>>& entries) {
  std::string vector;
  for (const auto& [type, value] : entries) {
    Word(vector, type);
    Word(vector, value);
  }
  Word(vector, AT_NULL);
  Word(vector, 0);
  return Note("CORE", NT_AUXV, vector);
}

CoreBuilder& CoreBuilder::Files(const std::vector<Mapping>& mappings) {
  std::string list;
  Word(list, mappings.size());
  Word(list, 4096);
  for (const Mapping& mapping : mappings) {
    Word(list, mapping.start);
    Word(list, mapping.end);
    Word(list, mapping.page);
  }
  for (const Mapping& mapping : mappings) list.append(mapping.path).append(1, '\0');
  return Note("CORE", NT_FILE, list);
}

CoreBuilder& CoreBuilder::Memory(std::uint64_t address, std::string content,
                                 std::uint64_t memory_bytes) {
  memory_.push_back({address, std::move(content), memory_bytes});
  return *this;
}

std::string CoreBuilder::Build() const {
  std::string core;
  AppendElfHeader({.elf_class = elf_class_,
                   .type = ET_CORE,
                   .machine = machine_,
                   .segments_offset = ElfHeaderBytes(elf_class_),
                   .segment_bytes = static_cast<std::uint16_t>(ElfSegmentBytes(elf_class_)),
                   .segments = static_cast<std::uint16_t>(1 + memory_.size())},
                  core);
  std::uint64_t at = core.size() + (1 + memory_.size()) * ElfSegmentBytes(elf_class_);
  AppendElfSegment({.type = PT_NOTE, .offset = at, .file_bytes = notes_.size()}, 4, elf_class_,
                   core);
  at += notes_.size();
  for (const Segment& segment : memory_) {
    AppendElfSegment(
        {.type = PT_LOAD,
         .flags = PF_R,
         .offset = at,
         .address = segment.address,
         .file_bytes = segment.content.size(),
         .memory_bytes = std::max<std::uint64_t>(segment.content.size(), segment.memory_bytes)},
        1, elf_class_, core);
    at += segment.content.size();
  }
  core.append(notes_);
  for (const Segment& segment : memory_) core.append(segment.content);
  return core;
}

std::string ModuleHead(ElfClass elf_class, std::uint64_t address, std::string_view build_id) {
  const std::string note = NoteBytes("GNU", NT_GNU_BUILD_ID, build_id);
  constexpr std::uint64_t kNoteAt = 0x200;
  std::string head;
  AppendElfHeader({.elf_class = elf_class,
                   .type = ET_DYN,
                   .segments_offset = ElfHeaderBytes(elf_class),
                   .segment_bytes = static_cast<std::uint16_t>(ElfSegmentBytes(elf_class)),
                   .segments = 2},
                  head);
  AppendElfSegment({.type = PT_LOAD, .address = address, .file_bytes = 4096, .memory_bytes = 4096},
                   4096, elf_class, head);
  AppendElfSegment({.type = PT_NOTE, .offset = kNoteAt, .file_bytes = note.size()}, 4, elf_class,
                   head);
  head.resize(kNoteAt);
  head.append(note);
  head.resize(4096);
  return head;
}

namespace {

struct MachineShape {
  std::uint16_t machine;
  ElfClass elf_class;
  std::size_t registers;
  std::size_t pc;
  std::size_t sp;
};

constexpr MachineShape kShapes[] = {{EM_X86_64, ElfClass::k64, 27, 16, 19},
                                    {EM_386, ElfClass::k32, 17, 12, 15},
                                    {EM_ARM, ElfClass::k32, 18, 15, 13},
                                    {EM_AARCH64, ElfClass::k64, 34, 32, 31},
                                    {EM_RISCV, ElfClass::k64, 32, 0, 2}};

const MachineShape& ShapeOf(std::uint16_t machine) {
  for (const MachineShape& shape : kShapes) {
    if (shape.machine == machine) return shape;
  }
  return kShapes[0];
}

}  // namespace

std::string SmallCore(std::uint16_t machine) {
  const MachineShape& shape = ShapeOf(machine);
  std::vector<std::uint64_t> registers(shape.registers);
  for (std::size_t i = 0; i < registers.size(); ++i) registers[i] = 0x1000 + i;
  registers[shape.pc] = 0x40001234;
  registers[shape.sp] = 0x70000100;
  return CoreBuilder(shape.elf_class, machine)
      .Thread(17, SIGSEGV, registers)
      .Process(16, 1000, "app", "app --password hunter2")
      .Signal(SIGSEGV, SEGV_MAPERR, 0x10)
      .AuxiliaryVector({{AT_ENTRY, 0x40001000}, {AT_RANDOM, 0x70001800}})
      .Files({{0x40000000, 0x40001000, 0, "/bin/app"},
              {0x40001000, 0x40003000, 1, "/bin/app"},
              {0x50000000, 0x50002000, 0, "/lib/libx.so (deleted)"}})
      .Thread(18, 0, registers)
      .Memory(0x40000000, ModuleHead(shape.elf_class, 0, "\xab\xcd\x01\x02"), 0x3000)
      .Memory(0x50000000, ModuleHead(shape.elf_class, 0, "\x11\x22\x33"), 0x2000)
      .Memory(0x60000000, std::string(4096, 'H'))
      .Memory(0x70000000, std::string(0x1800, 'S') + std::string(0x800, 'E'))
      .Build();
}

}  // namespace edgefeed
