#include "common/corefile/elf_format.h"

namespace edgefeed {
namespace {

template <typename Ehdr>
std::optional<ElfHeader> ParseHeader(std::string_view bytes, ElfClass elf_class) {
  const auto raw = ReadAt<Ehdr>(bytes, 0);
  if (!raw) return std::nullopt;
  return ElfHeader{.elf_class = elf_class,
                   .type = raw->e_type,
                   .machine = raw->e_machine,
                   .flags = raw->e_flags,
                   .segments_offset = raw->e_phoff,
                   .segment_bytes = raw->e_phentsize,
                   .segments = raw->e_phnum};
}

template <typename Phdr>
std::optional<ElfSegment> ParseSegment(std::string_view bytes) {
  const auto raw = ReadAt<Phdr>(bytes, 0);
  if (!raw) return std::nullopt;
  return ElfSegment{.type = raw->p_type,
                    .flags = raw->p_flags,
                    .offset = raw->p_offset,
                    .address = raw->p_vaddr,
                    .file_bytes = raw->p_filesz,
                    .memory_bytes = raw->p_memsz};
}

template <typename T>
void AppendRaw(const T& raw, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + sizeof raw);
  std::memcpy(out.data() + before, &raw, sizeof raw);
}

template <typename Ehdr>
void AppendHeader(const ElfHeader& header, std::string& out) {
  Ehdr raw{};
  std::memcpy(raw.e_ident, ELFMAG, SELFMAG);
  raw.e_ident[EI_CLASS] = static_cast<unsigned char>(header.elf_class);
  raw.e_ident[EI_DATA] = ELFDATA2LSB;
  raw.e_ident[EI_VERSION] = EV_CURRENT;
  raw.e_type = header.type;
  raw.e_machine = header.machine;
  raw.e_version = EV_CURRENT;
  raw.e_flags = header.flags;
  raw.e_phoff = static_cast<decltype(raw.e_phoff)>(header.segments_offset);
  raw.e_ehsize = sizeof raw;
  raw.e_phentsize = header.segment_bytes;
  raw.e_phnum = header.segments;
  AppendRaw(raw, out);
}

template <typename Phdr>
void AppendSegment(const ElfSegment& segment, std::uint64_t alignment, std::string& out) {
  using Word = decltype(Phdr::p_offset);
  Phdr raw{};
  raw.p_type = segment.type;
  raw.p_flags = segment.flags;
  raw.p_offset = static_cast<Word>(segment.offset);
  raw.p_vaddr = static_cast<Word>(segment.address);
  raw.p_filesz = static_cast<Word>(segment.file_bytes);
  raw.p_memsz = static_cast<Word>(segment.memory_bytes);
  raw.p_align = static_cast<Word>(alignment);
  AppendRaw(raw, out);
}

}  // namespace

std::size_t ElfHeaderBytes(ElfClass elf_class) {
  return elf_class == ElfClass::k64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

std::size_t ElfSegmentBytes(ElfClass elf_class) {
  return elf_class == ElfClass::k64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

std::optional<ElfClass> ElfClassOf(std::string_view bytes) {
  if (bytes.size() < EI_NIDENT || !bytes.starts_with(ELFMAG)) return std::nullopt;
  if (bytes[EI_DATA] != ELFDATA2LSB) return std::nullopt;
  if (bytes[EI_CLASS] == ELFCLASS64) return ElfClass::k64;
  if (bytes[EI_CLASS] == ELFCLASS32) return ElfClass::k32;
  return std::nullopt;
}

std::optional<ElfHeader> ParseElfHeader(std::string_view bytes) {
  const auto elf_class = ElfClassOf(bytes);
  if (!elf_class) return std::nullopt;
  return *elf_class == ElfClass::k64 ? ParseHeader<Elf64_Ehdr>(bytes, *elf_class)
                                     : ParseHeader<Elf32_Ehdr>(bytes, *elf_class);
}

std::optional<ElfSegment> ParseElfSegment(std::string_view bytes, ElfClass elf_class) {
  return elf_class == ElfClass::k64 ? ParseSegment<Elf64_Phdr>(bytes)
                                    : ParseSegment<Elf32_Phdr>(bytes);
}

void AppendElfHeader(const ElfHeader& header, std::string& out) {
  if (header.elf_class == ElfClass::k64) return AppendHeader<Elf64_Ehdr>(header, out);
  AppendHeader<Elf32_Ehdr>(header, out);
}

void AppendElfSegment(const ElfSegment& segment, std::uint64_t alignment, ElfClass elf_class,
                      std::string& out) {
  if (elf_class == ElfClass::k64) return AppendSegment<Elf64_Phdr>(segment, alignment, out);
  AppendSegment<Elf32_Phdr>(segment, alignment, out);
}

}  // namespace edgefeed
