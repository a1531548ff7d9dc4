#include "common/corefile/registers.h"

#include <array>
#include <span>
#include <string>

namespace edgefeed {
namespace {

using Names = std::span<const std::string_view>;

// The order of the kernel's user_regs_struct or pt_regs of each machine.
constexpr std::array<std::string_view, 27> kX8664 = {
    "r15",    "r14", "r13", "r12",     "rbp",     "rbx", "r11",      "r10", "r9",
    "r8",     "rax", "rcx", "rdx",     "rsi",     "rdi", "orig_rax", "rip", "cs",
    "eflags", "rsp", "ss",  "fs_base", "gs_base", "ds",  "es",       "fs",  "gs"};
constexpr std::array<std::string_view, 17> kI386 = {
    "ebx", "ecx", "edx",      "esi", "edi", "ebp",    "eax", "ds", "es",
    "fs",  "gs",  "orig_eax", "eip", "cs",  "eflags", "esp", "ss"};
constexpr std::array<std::string_view, 18> kArm = {"r0", "r1", "r2", "r3", "r4",   "r5",
                                                   "r6", "r7", "r8", "r9", "r10",  "fp",
                                                   "ip", "sp", "lr", "pc", "cpsr", "orig_r0"};
constexpr std::array<std::string_view, 34> kAarch64 = {
    "x0",  "x1",  "x2",  "x3",  "x4",  "x5",  "x6",  "x7",  "x8",  "x9",    "x10", "x11",
    "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21",   "x22", "x23",
    "x24", "x25", "x26", "x27", "x28", "x29", "x30", "sp",  "pc",  "pstate"};
constexpr std::array<std::string_view, 32> kRiscv = {
    "pc", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1", "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

struct Machine {
  std::uint16_t id;
  ElfClass elf_class;
  Names registers;
  std::size_t pc;  // Which of them.
  std::size_t sp;
};

constexpr std::array<Machine, 5> kMachines = {{
    {EM_X86_64, ElfClass::k64, kX8664, 16, 19},
    {EM_386, ElfClass::k32, kI386, 12, 15},
    {EM_ARM, ElfClass::k32, kArm, 15, 13},
    {EM_AARCH64, ElfClass::k64, kAarch64, 32, 31},
    {EM_RISCV, ElfClass::k64, kRiscv, 0, 2},
}};

// struct elf_prstatus, as far as we need it.
constexpr std::uint64_t kSignalAt = 12;
constexpr std::uint64_t ThreadIdAt(ElfClass c) { return c == ElfClass::k64 ? 32 : 24; }
constexpr std::uint64_t RegistersAt(ElfClass c) { return c == ElfClass::k64 ? 112 : 72; }

const Machine* MachineOf(const ElfHeader& header) {
  for (const Machine& machine : kMachines) {
    if (machine.id == header.machine && machine.elf_class == header.elf_class) return &machine;
  }
  return nullptr;
}

std::optional<std::uint64_t> Register(std::string_view note, ElfClass elf_class,
                                      std::size_t index) {
  return ReadWord(note, RegistersAt(elf_class) + index * WordBytes(elf_class), elf_class);
}

}  // namespace

std::optional<ThreadStatus> ParseThreadStatus(std::string_view note, const ElfHeader& header) {
  const auto signal = ReadAt<std::uint16_t>(note, kSignalAt);
  const auto id = ReadAt<std::uint32_t>(note, ThreadIdAt(header.elf_class));
  if (!signal || !id) return std::nullopt;
  ThreadStatus status{.id = *id, .signal = *signal};
  if (const Machine* machine = MachineOf(header)) {
    status.pc = Register(note, header.elf_class, machine->pc);
    status.sp = Register(note, header.elf_class, machine->sp);
  }
  return status;
}

std::vector<DumpRegister> ParseRegisters(std::string_view note, const ElfHeader& header) {
  std::vector<DumpRegister> registers;
  const Machine* const machine = MachineOf(header);
  if (machine == nullptr) return registers;
  for (std::size_t i = 0; i < machine->registers.size(); ++i) {
    const auto value = Register(note, header.elf_class, i);
    if (!value) break;
    registers.push_back({.name = std::string(machine->registers[i]), .value = *value});
  }
  return registers;
}

}  // namespace edgefeed
