#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/corefile/elf_format.h"
#include "common/model/dump.h"

namespace edgefeed {

// A thread as NT_PRSTATUS has it.
struct ThreadStatus {
  std::uint32_t id = 0;
  std::uint32_t signal = 0;
  std::optional<std::uint64_t> pc;  // Nothing on a machine that we do not know.
  std::optional<std::uint64_t> sp;
};

// Nothing when the note is too short to name a thread.
std::optional<ThreadStatus> ParseThreadStatus(std::string_view note, const ElfHeader& header);

// All general registers of NT_PRSTATUS, in the kernel's order.
std::vector<DumpRegister> ParseRegisters(std::string_view note, const ElfHeader& header);

}  // namespace edgefeed
