// Core files made to harm. AddressSanitizer and UndefinedBehaviorSanitizer see what these do not.

#include <doctest/doctest.h>
#include <elf.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <random>
#include <string>

#include "common/corefile/core_reducer.h"
#include "common/corefile/core_scanner.h"
#include "common/corefile/elf_format.h"
#include "tests/support/core_builder.h"

namespace edgefeed {
namespace {

// Both readers on these bytes; what the reducer makes must be readable for the scanner.
CoreSummary ReadBoth(std::string_view core) {
  CoreScanner scanner;
  scanner.Update(core);
  CoreReducer reducer;
  std::string out;
  if (reducer.Update(core, out).ok() && reducer.Finish(out).ok()) {
    CHECK(out.size() < core.size() + (16 << 20));
    CoreScanner again;
    again.Update(out);
    CHECK(again.Finish().is_core);
  }
  return scanner.Finish();
}

template <typename T>
std::string With(std::string core, std::size_t offset, T value) {
  std::memcpy(core.data() + offset, &value, sizeof value);
  return core;
}

void ReadWithFlippedBits(std::string core, std::size_t at) {
  const char before = core[at];
  for (const int bit : {0, 3, 7}) {
    core[at] = static_cast<char>(before ^ (1 << bit));
    ReadBoth(core);
  }
}

TEST_CASE("a flipped bit anywhere in the headers and notes does no harm") {
  const std::string wide = SmallCore(EM_X86_64);
  const std::string narrow = SmallCore(EM_ARM);
  for (std::size_t at = 0; at < 2400; ++at) {
    ReadWithFlippedBits(wide, at);
    ReadWithFlippedBits(narrow, at);
  }
  CHECK(ReadBoth(wide).threads.size() == 2);
}

// Overwrites a number, or cuts the end off.
void Damage(std::string& core, std::mt19937& random) {
  constexpr std::uint32_t kNasty[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 12, 64};
  const std::size_t reach =
      random() % 4 == 0 ? core.size() : std::min<std::size_t>(core.size(), 2000);
  if (reach < 5 || random() % 32 == 0) return core.resize(random() % (core.size() + 1));
  const bool nasty = random() % 2 == 0;
  const std::uint32_t value = nasty ? kNasty[random() % 8] : static_cast<std::uint32_t>(random());
  std::memcpy(core.data() + random() % (reach - 4), &value, random() % 4 == 0 ? 1 : 4);
}

TEST_CASE("random damage of any kind does no harm") {
  std::mt19937 random(2026);  // NOLINT(bugprone-random-generator-seed): the same in each run.
  for (int round = 0; round < 4000; ++round) {
    std::string core = SmallCore(round % 2 == 0 ? EM_AARCH64 : EM_386);
    const std::size_t damages = 1 + random() % 6;
    for (std::size_t i = 0; i < damages; ++i) Damage(core, random);
    ReadBoth(core);
  }
}

constexpr std::size_t kFirstSegment = sizeof(Elf64_Ehdr);
constexpr std::size_t kSecondSegment = kFirstSegment + sizeof(Elf64_Phdr);

TEST_CASE("absurd numbers in the headers do no harm") {
  const std::string core = SmallCore(EM_X86_64);
  const std::uint64_t most = UINT64_MAX;
  CHECK_FALSE(ReadBoth(With(core, offsetof(Elf64_Ehdr, e_phoff), most)).core_bytes > 0);
  CHECK_FALSE(ReadBoth(With(core, offsetof(Elf64_Ehdr, e_phentsize), std::uint16_t{0})).is_core);
  CHECK_FALSE(ReadBoth(With(core, offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{0})).is_core);
  ReadBoth(With(core, offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{0xfffe}));
  ReadBoth(With(core, kFirstSegment + offsetof(Elf64_Phdr, p_filesz), most));
  ReadBoth(With(core, kFirstSegment + offsetof(Elf64_Phdr, p_offset), most - 1));
  ReadBoth(With(core, kSecondSegment + offsetof(Elf64_Phdr, p_filesz), most / 2));
  ReadBoth(With(core, kSecondSegment + offsetof(Elf64_Phdr, p_memsz), most));
  ReadBoth(With(core, kSecondSegment + offsetof(Elf64_Phdr, p_vaddr), most));
}

TEST_CASE("more segments than the header can count are counted from where the notes begin") {
  const std::string core = SmallCore(EM_X86_64);
  const CoreSummary summary =
      ReadBoth(With(core, offsetof(Elf64_Ehdr, e_phnum), std::uint16_t{PN_XNUM}));
  CHECK(summary.is_core);
  CHECK(summary.core_bytes == core.size());
  CHECK(summary.modules.size() == 2);
}

TEST_CASE("2 GiB of zero notes are read over in no time") {
  std::string headers;
  constexpr std::uint64_t kBytes = std::uint64_t{2} << 30;
  AppendElfHeader({.type = ET_CORE,
                   .machine = EM_X86_64,
                   .segments_offset = sizeof(Elf64_Ehdr),
                   .segment_bytes = sizeof(Elf64_Phdr),
                   .segments = 1},
                  headers);
  AppendElfSegment(
      {.type = PT_NOTE, .offset = kFirstSegment + sizeof(Elf64_Phdr), .file_bytes = kBytes}, 4,
      ElfClass::k64, headers);
  CoreScanner scanner;
  CoreReducer reducer;
  std::string out;
  scanner.Update(headers);
  REQUIRE(reducer.Update(headers, out));
  const std::string zeros(1 << 20, '\0');
  for (std::uint64_t sent = 0; sent < kBytes; sent += zeros.size()) {
    scanner.Update(zeros);
    REQUIRE(reducer.Update(zeros, out));
  }
  REQUIRE(reducer.Finish(out));
  CHECK(out.size() < 4096);
  const CoreSummary core = scanner.Finish();
  CHECK_FALSE(core.truncated);
  CHECK(core.threads.empty());
}

TEST_CASE("notes end at the first that has no name, and after very many") {
  CoreBuilder zeros(ElfClass::k64, EM_RISCV);
  zeros.Thread(1, SIGSEGV, {1, 2, 3}).RawNotes(std::string(12, '\0')).Thread(2, 0, {1, 2, 3});
  CHECK(ReadBoth(zeros.Build()).threads.size() == 1);

  CoreBuilder many(ElfClass::k64, EM_RISCV);
  for (int i = 0; i < (1 << 18); ++i) many.Note("CORE", 0, "");
  CHECK(ReadBoth(many.Thread(1, SIGSEGV, {1, 2, 3}).Build()).threads.empty());
}

TEST_CASE("of endless threads and files only so many are held") {
  CoreBuilder builder(ElfClass::k64, EM_RISCV);
  builder.AuxiliaryVector({{AT_RANDOM, 0x10}});
  for (std::uint32_t i = 0; i < 20000; ++i) builder.Thread(i, SIGSEGV, {1, 2, 0x70000000});
  const std::string core = builder.Memory(0x70000000, std::string(4096, 'S')).Build();
  CHECK(ReadBoth(core).threads.size() == 256);
}

TEST_CASE("a list of files that claims more than it holds gives nothing") {
  std::string list(16, '\xff');
  list.append(4096, 'x');
  const std::string core =
      CoreBuilder(ElfClass::k64, EM_X86_64).Note("CORE", NT_FILE, list).Build();
  CHECK(ReadBoth(core).modules.empty());
}

}  // namespace
}  // namespace edgefeed
