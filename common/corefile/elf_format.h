#pragma once

#include <elf.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

// The ELF structures that a core file is made of, read from and written to untrusted bytes.
namespace edgefeed {

static_assert(std::endian::native == std::endian::little, "ELF structures are copied as they are");

// A copy of what stands at `offset`, unless the bytes end before it does.
template <typename T>
std::optional<T> ReadAt(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

enum class ElfClass : std::uint8_t { k32 = ELFCLASS32, k64 = ELFCLASS64 };

constexpr std::size_t WordBytes(ElfClass elf_class) { return elf_class == ElfClass::k64 ? 8 : 4; }

// An address, or another number of the machine's word size.
inline std::optional<std::uint64_t> ReadWord(std::string_view bytes, std::uint64_t offset,
                                             ElfClass elf_class) {
  if (elf_class == ElfClass::k64) return ReadAt<std::uint64_t>(bytes, offset);
  return ReadAt<std::uint32_t>(bytes, offset);
}

struct ElfHeader {
  ElfClass elf_class = ElfClass::k64;
  std::uint16_t type = ET_NONE;
  std::uint16_t machine = EM_NONE;
  std::uint32_t flags = 0;
  std::uint64_t segments_offset = 0;  // Of the program headers, in the file.
  std::uint16_t segment_bytes = 0;    // Of one program header.
  std::uint16_t segments = 0;         // How many; PN_XNUM: more than fit here.
};

// A program header.
struct ElfSegment {
  std::uint32_t type = PT_NULL;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;  // In the file.
  std::uint64_t address = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t memory_bytes = 0;

  // Behind its last byte in memory.
  [[nodiscard]] std::uint64_t end() const { return address + memory_bytes; }
};

std::size_t ElfHeaderBytes(ElfClass elf_class);
std::size_t ElfSegmentBytes(ElfClass elf_class);

// Nothing when these bytes are not the beginning of a little-endian ELF file, or too few.
std::optional<ElfClass> ElfClassOf(std::string_view bytes);
std::optional<ElfHeader> ParseElfHeader(std::string_view bytes);
std::optional<ElfSegment> ParseElfSegment(std::string_view bytes, ElfClass elf_class);

void AppendElfHeader(const ElfHeader& header, std::string& out);
void AppendElfSegment(const ElfSegment& segment, std::uint64_t alignment, ElfClass elf_class,
                      std::string& out);

}  // namespace edgefeed
