#include "common/corefile/core_scanner.h"

#include <doctest/doctest.h>
#include <elf.h>

#include <csignal>
#include <random>
#include <string>
#include <vector>

#include "tests/support/core_builder.h"
#include "tests/support/scanned_core.h"

namespace edgefeed {
namespace {

bool SameSummary(const CoreSummary& a, const CoreSummary& b) {
  return a.is_core == b.is_core && a.truncated == b.truncated && a.core_bytes == b.core_bytes &&
         a.signal == b.signal && a.pid == b.pid && a.executable == b.executable &&
         a.modules == b.modules && a.threads == b.threads;
}

constexpr std::uint16_t kMachines[] = {EM_X86_64, EM_386, EM_ARM, EM_AARCH64, EM_RISCV};

TEST_CASE("a core of each machine says what crashed, why and where") {
  for (const std::uint16_t machine : kMachines) {
    CAPTURE(machine);
    const std::string bytes = SmallCore(machine);

    const CoreSummary core = Scan(bytes);

    REQUIRE(core.is_core);
    CHECK_FALSE(core.truncated);
    CHECK(core.core_bytes == bytes.size());
    CHECK(core.signal == SIGSEGV);
    CHECK(core.signal_code == SEGV_MAPERR);
    CHECK(core.fault_address == 0x10);
    CHECK(core.pid == 16);
    CHECK(core.thread == 17);
    CHECK(core.uid == 1000);
    CHECK(core.command == "app");
    CHECK(core.executable == "/bin/app");
    CHECK(core.modules ==
          std::vector<DumpModule>{
              {.path = "/bin/app", .build_id = "abcd0102", .start = 0x40000000, .end = 0x40003000},
              {.path = "/lib/libx.so",
               .build_id = "112233",
               .start = 0x50000000,
               .end = 0x50002000}});
    REQUIRE(core.threads.size() == 2);
    CHECK(core.threads[0].id == 17);
    CHECK(core.threads[0].frames ==
          std::vector<DumpFrame>{{.module = "/bin/app", .build_id = "abcd0102", .offset = 0x1234}});
    CHECK(core.threads[1].id == 18);
    CHECK(core.threads[1].registers.empty());
  }
}

TEST_CASE("the registers of the crashed thread have their names") {
  const auto value = [](std::uint16_t machine, std::string_view name) -> std::uint64_t {
    const CoreSummary core = Scan(SmallCore(machine));
    for (const DumpRegister& one : core.threads.at(0).registers) {
      if (one.name == name) return one.value;
    }
    return 0;
  };
  CHECK(value(EM_X86_64, "rip") == 0x40001234);
  CHECK(value(EM_X86_64, "gs") == 0x1000 + 26);
  CHECK(value(EM_386, "eip") == 0x40001234);
  CHECK(value(EM_386, "ss") == 0x1000 + 16);
  CHECK(value(EM_ARM, "pc") == 0x40001234);
  CHECK(value(EM_ARM, "orig_r0") == 0x1000 + 17);
  CHECK(value(EM_AARCH64, "sp") == 0x70000100);
  CHECK(value(EM_AARCH64, "pstate") == 0x1000 + 33);
  CHECK(value(EM_RISCV, "pc") == 0x40001234);
  CHECK(value(EM_RISCV, "t6") == 0x1000 + 31);
}

TEST_CASE("an offset is what addr2line takes, also for a program with fixed addresses") {
  const auto offset = [](std::uint64_t linked_at) {
    return Scan(CoreBuilder(ElfClass::k64, EM_RISCV)
                    .Thread(1, SIGBUS, {0x40001234})
                    .Files({{0x40000000, 0x40003000, 0, "/bin/app"}})
                    .Memory(0x40000000, ModuleHead(ElfClass::k64, linked_at, "id"))
                    .Build())
        .threads.at(0)
        .frames.at(0)
        .offset;
  };
  CHECK(offset(0) == 0x1234);
  CHECK(offset(0x40000000) == 0x40001234);
  CHECK(offset(0x10000) == 0x11234);
}

TEST_CASE("an address outside of all modules is a frame by itself") {
  const CoreSummary core = Scan(CoreBuilder(ElfClass::k64, EM_RISCV)
                                    .Thread(1, SIGSEGV, {0x40003000})
                                    .Files({{0x40000000, 0x40003000, 0, "/bin/app"}})
                                    .Build());
  CHECK(core.threads.at(0).frames == std::vector<DumpFrame>{{.offset = 0x40003000}});
}

TEST_CASE("a signal that somebody sent has no fault address") {
  const CoreSummary core =
      Scan(CoreBuilder(ElfClass::k64, EM_X86_64).Signal(SIGSEGV, SI_TKILL, 0x1234).Build());
  CHECK(core.signal_code == SI_TKILL);
  CHECK_FALSE(core.fault_address);
}

TEST_CASE("a file that is mapped twice from its beginning is two modules") {
  const CoreSummary core = Scan(CoreBuilder(ElfClass::k64, EM_X86_64)
                                    .Files({{0x1000, 0x2000, 0, "/lib/a"},
                                            {0x2000, 0x3000, 1, "/lib/a"},
                                            {0x3000, 0x4000, 0, "/lib/a"},
                                            {0x4000, 0x5000, 1, "/lib/a"}})
                                    .Build());
  REQUIRE(core.modules.size() == 2);
  CHECK(core.modules[0].end == 0x3000);
  CHECK(core.modules[1].start == 0x3000);
}

TEST_CASE("it does not matter in which pieces the bytes come") {
  const std::string bytes = SmallCore(EM_AARCH64);
  const CoreSummary whole = Scan(bytes);
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same in each run.
  for (int round = 0; round < 50; ++round) {
    CoreScanner scanner;
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const std::size_t size = 1 + random() % (round < 25 ? 7 : 3000);
      scanner.Update(rest.substr(0, size));
      rest.remove_prefix(std::min(size, rest.size()));
    }
    CHECK(SameSummary(scanner.Finish(), whole));
  }
}

TEST_CASE("the length of the core is known behind its program headers") {
  const std::string bytes = SmallCore(EM_X86_64);
  const std::size_t headers = sizeof(Elf64_Ehdr) + 5 * sizeof(Elf64_Phdr);
  CoreScanner scanner;
  scanner.Update(std::string_view(bytes).substr(0, headers - 1));
  CHECK_FALSE(scanner.core_bytes());
  scanner.Update(std::string_view(bytes).substr(headers - 1, 1));
  CHECK(scanner.core_bytes() == bytes.size());
}

TEST_CASE("a core cut short anywhere gives what its notes say up to there") {
  const std::string bytes = SmallCore(EM_ARM);
  const CoreSummary whole = Scan(bytes);
  const std::size_t memory = bytes.size() - 0x5000;
  for (std::size_t size = 0; size < bytes.size(); size += size < memory ? 1 : 97) {
    CAPTURE(size);
    const CoreSummary core = Scan(std::string_view(bytes).substr(0, size));
    if (size < sizeof(Elf32_Ehdr)) {
      CHECK_FALSE(core.is_core);
      continue;
    }
    CHECK(core.is_core);
    CHECK(core.truncated);
    if (size < memory) continue;
    CHECK(core.threads.size() == 2);
    CHECK(core.modules.size() == 2);
    CHECK(core.executable == whole.executable);
  }
}

TEST_CASE("a list of files that is cut off gives those that are there") {
  const std::string note =
      CoreBuilder(ElfClass::k64, EM_X86_64)
          .Files({{0x1000, 0x2000, 0, "/lib/first"}, {0x3000, 0x4000, 0, "/lib/second"}})
          .Build();
  const CoreSummary core = Scan(std::string_view(note).substr(0, note.size() - 6));
  REQUIRE(core.modules.size() == 1);
  CHECK(core.modules[0].path == "/lib/first");
}

TEST_CASE("what is no core file is none") {
  CHECK_FALSE(Scan("").is_core);
  CHECK_FALSE(
      Scan("#!/bin/sh\nexit 0\n and a bit more than a header takes, to be sure of it").is_core);
  CHECK_FALSE(Scan(std::string(4096, '\0')).is_core);
  CHECK_FALSE(Scan(ModuleHead(ElfClass::k64, 0, "a library")).is_core);
  std::string big_endian = SmallCore(EM_AARCH64);
  big_endian[EI_DATA] = ELFDATA2MSB;
  CHECK_FALSE(Scan(big_endian).is_core);
}

TEST_CASE("a machine that nobody knows still tells its threads and modules") {
  const CoreSummary core = Scan(CoreBuilder(ElfClass::k64, EM_S390)
                                    .Thread(5, SIGABRT, {1, 2, 3})
                                    .Files({{0x1000, 0x2000, 0, "/bin/app"}})
                                    .Build());
  REQUIRE(core.threads.size() == 1);
  CHECK(core.threads[0].frames.empty());
  CHECK(core.modules.size() == 1);
}

TEST_CASE("what is known of a crash already stays") {
  const CoreSummary core = Scan(SmallCore(EM_X86_64));
  DumpInfo info;
  info.pid = 99;
  info.executable = "/usr/bin/told";

  Describe(core, info);

  CHECK(info.pid == 99);
  CHECK(info.executable == "/usr/bin/told");
  CHECK(info.signal == SIGSEGV);
  CHECK(info.fault_address == 0x10);
  CHECK(info.modules == core.modules);
  CHECK(info.threads == core.threads);
}

TEST_CASE("a module of the file's first pages only counts once among too many") {
  std::vector<CoreBuilder::Mapping> mappings;
  mappings.reserve(3000);
  for (std::uint64_t i = 0; i < 3000; ++i) {
    mappings.push_back({i << 16, (i << 16) + 0x1000, 0, "/data/" + std::to_string(i)});
  }
  CoreBuilder builder(ElfClass::k64, EM_X86_64);
  const CoreSummary core =
      Scan(builder.Files(mappings).Memory(2999 << 16, ModuleHead(ElfClass::k64, 0, "id")).Build());
  REQUIRE(core.modules.size() == 1024);
  CHECK(core.modules.back().path == "/data/2999");  // It has a build id, so it is no data.
}

}  // namespace
}  // namespace edgefeed
