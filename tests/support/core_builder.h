#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/corefile/elf_format.h"

namespace edgefeed {

// Makes small core files of any machine, right ones and wrong ones.
class CoreBuilder {
 public:
  struct Mapping {
    std::uint64_t start;
    std::uint64_t end;
    std::uint64_t page;
    std::string path;
  };

  CoreBuilder(ElfClass elf_class, std::uint16_t machine);

  // NT_PRSTATUS: `registers` in the kernel's order.
  CoreBuilder& Thread(std::uint32_t id, std::uint32_t signal,
                      const std::vector<std::uint64_t>& registers);
  CoreBuilder& Process(std::uint32_t pid, std::uint32_t uid, std::string_view command,
                       std::string_view command_line);
  CoreBuilder& Signal(std::uint32_t signal, std::int32_t code, std::uint64_t address);
  CoreBuilder& AuxiliaryVector(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& entries);
  CoreBuilder& Files(const std::vector<Mapping>& mappings);
  CoreBuilder& Note(std::string_view name, std::uint32_t type, std::string_view content);
  // Bytes that stand among the notes as they are.
  CoreBuilder& RawNotes(std::string_view bytes);
  // A segment of which the core has `content`.
  CoreBuilder& Memory(std::uint64_t address, std::string content, std::uint64_t memory_bytes = 0);

  [[nodiscard]] std::string Build() const;

 private:
  struct Segment {
    std::uint64_t address;
    std::string content;
    std::uint64_t memory_bytes;
  };

  void Word(std::string& out, std::uint64_t value) const;

  ElfClass elf_class_;
  std::uint16_t machine_;
  std::string notes_;
  std::vector<Segment> memory_;
};

// The first page of an ELF file: its first segment is linked at `address`, its build id is
// `build_id`.
std::string ModuleHead(ElfClass elf_class, std::uint64_t address, std::string_view build_id);

// A core of one thread of a machine that we know: "/bin/app" with a library and a stack, which
// crashed with SIGSEGV at address 0x10. All that a summary can have is in it.
std::string SmallCore(std::uint16_t machine);

}  // namespace edgefeed
