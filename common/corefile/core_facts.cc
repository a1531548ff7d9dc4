#include "common/corefile/core_facts.h"

#include <algorithm>
#include <csignal>

namespace edgefeed {
namespace {

// struct elf_prpsinfo: user ids of 16 bits on 32-bit machines (those we know), else of 32.
struct ProcessLayout {
  std::size_t bytes;
  std::size_t uid;
  std::size_t uid_bytes;
  std::size_t pid;
  std::size_t command;
  std::size_t command_line;
};
constexpr ProcessLayout kProcess32 = {124, 8, 2, 12, 28, 44};
constexpr ProcessLayout kProcess64 = {136, 16, 4, 24, 40, 56};
constexpr std::size_t kCommandBytes = 16;
constexpr std::size_t kCommandLineBytes = 80;

const ProcessLayout* LayoutOf(std::string_view note) {
  if (note.size() == kProcess64.bytes) return &kProcess64;
  return note.size() == kProcess32.bytes ? &kProcess32 : nullptr;
}

void ReadProcess(std::string_view note, CoreFacts& facts) {
  const ProcessLayout* const layout = LayoutOf(note);
  if (layout == nullptr) return;
  facts.pid = ReadAt<std::uint32_t>(note, layout->pid);
  facts.uid = layout->uid_bytes == 2 ? *ReadAt<std::uint16_t>(note, layout->uid)
                                     : *ReadAt<std::uint32_t>(note, layout->uid);
  const std::string_view command = note.substr(layout->command, kCommandBytes);
  facts.command = command.substr(0, command.find('\0'));
}

// Only the kernel's own signals of these kinds come with an address; SI_KERNEL has none to give.
bool HasFaultAddress(std::uint32_t signal, std::int32_t code) {
  if (code <= 0 || code == SI_KERNEL) return false;
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE ||
         signal == SIGTRAP;
}

// siginfo_t: number, errno, code, then (on a boundary of a word) what the signal carries.
void ReadSignal(std::string_view note, ElfClass elf_class, CoreFacts& facts) {
  const auto number = ReadAt<std::uint32_t>(note, 0);
  const auto code = ReadAt<std::int32_t>(note, 8);
  if (!number || !code) return;
  facts.signal = number;
  facts.signal_code = *code;
  if (!HasFaultAddress(*number, *code)) return;
  facts.fault_address = ReadWord(note, elf_class == ElfClass::k64 ? 16 : 12, elf_class);
}

void ReadAuxiliaryVector(std::string_view note, ElfClass elf_class, CoreFacts& facts) {
  const std::size_t word = WordBytes(elf_class);
  constexpr std::size_t kMaxEntries = 64;
  for (std::size_t i = 0; i < kMaxEntries; ++i) {
    const auto type = ReadWord(note, 2 * i * word, elf_class);
    const auto value = ReadWord(note, (2 * i + 1) * word, elf_class);
    if (!type || !value || *type == AT_NULL) return;
    if (*type == AT_ENTRY) facts.entry = value;
    if (*type == AT_BASE && *value != 0) facts.loader = value;
    if (*type == AT_SYSINFO_EHDR) facts.vdso = value;
    if (*type == AT_RANDOM || *type == AT_PLATFORM || *type == AT_BASE_PLATFORM ||
        *type == AT_EXECFN) {
      facts.stack_texts.push_back(*value);
    }
  }
}

void ReadThread(std::string_view note, const ElfHeader& header, CoreFacts& facts) {
  if (facts.threads.size() >= CoreFacts::kMaxThreads) return;
  const auto status = ParseThreadStatus(note, header);
  if (!status) return;
  if (facts.threads.empty()) facts.registers = ParseRegisters(note, header);
  facts.threads.push_back(*status);
}

}  // namespace

void HideCommandLine(std::span<char> process_note) {
  const ProcessLayout* const layout = LayoutOf({process_note.data(), process_note.size()});
  if (layout == nullptr) return;
  const auto command = process_note.subspan(layout->command, kCommandBytes);
  const auto line = process_note.subspan(layout->command_line, kCommandLineBytes);
  std::ranges::fill(line, '\0');
  std::ranges::copy(command, line.begin());
}

void ReadNote(const ElfNote& note, const ElfHeader& header, CoreFacts& facts) {
  if (note.name != "CORE") return;
  switch (note.type) {
    case NT_PRSTATUS: return ReadThread(note.content, header, facts);
    case NT_PRPSINFO: return ReadProcess(note.content, facts);
    case NT_SIGINFO: return ReadSignal(note.content, header.elf_class, facts);
    case NT_AUXV: return ReadAuxiliaryVector(note.content, header.elf_class, facts);
    case NT_FILE:
      if (facts.modules.empty()) facts.modules = ParseModules(note.content, header.elf_class);
      return;
    default: return;
  }
}

}  // namespace edgefeed
