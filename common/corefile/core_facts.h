#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/corefile/elf_format.h"
#include "common/corefile/module_list.h"
#include "common/corefile/note_reader.h"
#include "common/corefile/registers.h"

namespace edgefeed {

// What the notes of a core file say.
struct CoreFacts {
  static constexpr std::size_t kMaxThreads = 4096;

  std::optional<std::uint32_t> pid;
  std::uint32_t uid = 0;
  std::string command;

  std::optional<std::uint32_t> signal;  // Of NT_SIGINFO; else the crashed thread has one.
  std::int32_t signal_code = 0;
  std::optional<std::uint64_t> fault_address;

  std::vector<ThreadStatus> threads;    // The crashed one first, as the kernel writes them.
  std::vector<DumpRegister> registers;  // Of the crashed one.
  std::vector<CoreModule> modules;

  std::optional<std::uint64_t> entry;   // Of the program.
  std::optional<std::uint64_t> loader;  // Where the dynamic loader begins.
  std::optional<std::uint64_t> vdso;
  // Where the kernel put texts above the stack: below the arguments and the environment.
  std::vector<std::uint64_t> stack_texts;
};

// Adds what the note says. What is too short or makes no sense is left out.
void ReadNote(const ElfNote& note, const ElfHeader& header, CoreFacts& facts);

// Overwrites the command line in the content of an NT_PRPSINFO with the program's name.
void HideCommandLine(std::span<char> process_note);

}  // namespace edgefeed
