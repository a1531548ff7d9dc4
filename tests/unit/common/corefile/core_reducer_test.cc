#include "common/corefile/core_reducer.h"

#include <doctest/doctest.h>
#include <elf.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <string>
#include <vector>

#include "tests/support/core_builder.h"
#include "tests/support/scanned_core.h"

namespace edgefeed {
namespace {

std::size_t Count(std::string_view text, char what) {
  return static_cast<std::size_t>(std::ranges::count(text, what));
}

TEST_CASE("a reduced core tells the same as the whole one") {
  constexpr std::uint16_t kMachines[] = {EM_X86_64, EM_386, EM_ARM, EM_AARCH64, EM_RISCV};
  for (const std::uint16_t machine : kMachines) {
    CAPTURE(machine);
    const std::string whole = SmallCore(machine);
    const CoreSummary before = Scan(whole);
    const std::string reduced = Reduce(whole);
    const CoreSummary after = Scan(reduced);
    CHECK(after.is_core);
    CHECK_FALSE(after.truncated);
    CHECK(after.core_bytes == reduced.size());
    CHECK(after.signal == before.signal);
    CHECK(after.command == before.command);
    CHECK(after.executable == before.executable);
    CHECK(after.modules == before.modules);
    CHECK(after.threads == before.threads);
  }
}

TEST_CASE("the stack is kept from its pointer up to the environment, and nothing else of memory") {
  const std::string reduced = Reduce(SmallCore(EM_X86_64));
  CHECK(Count(reduced, 'S') >= 0x1800 - 0x100 + 128);  // With the red zone below the pointer.
  CHECK(Count(reduced, 'S') < 0x1800 - 0x100 + 128 + 16);
  CHECK(Count(reduced, 'E') < 16);  // Letters of ELF and CORE.
  CHECK(Count(reduced, 'H') < 16);
}

TEST_CASE("without a known beginning of the environment no stack is kept") {
  const std::string core = CoreBuilder(ElfClass::k64, EM_RISCV)
                               .Thread(1, SIGSEGV, {0x1000, 0, 0x70000100})
                               .Memory(0x70000000, std::string(4096, 'S'))
                               .Build();
  CHECK(Count(Reduce(core), 'S') == 0);
}

TEST_CASE("of many threads the first keep more of their stacks") {
  CoreBuilder builder(ElfClass::k64, EM_RISCV);
  builder.AuxiliaryVector({{AT_RANDOM, 0x10}});
  constexpr std::uint64_t kStack = 256 << 10;
  const auto stack_of = [](std::uint64_t thread) { return 0x70000000 + 2 * thread * kStack; };
  for (std::uint32_t i = 0; i < 70; ++i) builder.Thread(i + 1, SIGABRT, {0, 0, stack_of(i)});
  const std::string marks = "a" + std::string(63, 'b') + std::string(6, 'c');
  for (std::uint64_t i = 0; i < 70; ++i) {
    builder.Memory(stack_of(i), std::string(kStack, marks[i]));
  }
  const std::string reduced = Reduce(builder.Build());
  CHECK(Count(reduced, 'a') / 1024 == 128);
  CHECK(Count(reduced, 'b') / 1024 == 63 * 32);
  CHECK(Count(reduced, 'c') / 1024 == 6 * 2);
}

TEST_CASE("of a stack that has overflown the innermost part is kept") {
  const std::string core = CoreBuilder(ElfClass::k64, EM_RISCV)
                               .AuxiliaryVector({{AT_RANDOM, 0x10}})
                               .Thread(1, SIGSEGV, {0, 0, 0x6ffff800})
                               .Memory(0x6fff0000, "", 0x10000)
                               .Memory(0x70000000, std::string(4096, 'S'))
                               .Build();
  CHECK(Count(Reduce(core), 'S') == 4096);
}

TEST_CASE("the command line and vector registers are left out") {
  const std::string core = CoreBuilder(ElfClass::k64, EM_X86_64)
                               .Thread(1, SIGSEGV, std::vector<std::uint64_t>(27))
                               .Process(1, 0, "app", "app --password hunter2")
                               .Note("CORE", NT_PRFPREG, "hunter2 in a float register")
                               .Note("LINUX", NT_X86_XSTATE, "hunter2 in a vector register")
                               .Build();
  const std::string reduced = Reduce(core);
  CHECK(reduced.find("hunter2") == std::string::npos);
  CHECK(Scan(reduced).command == "app");
}

TEST_CASE("it does not matter in which pieces the bytes come") {
  const std::string whole = SmallCore(EM_386);
  const std::string expected = Reduce(whole);
  std::mt19937 random(11);  // NOLINT(bugprone-random-generator-seed): the same in each run.
  for (int round = 0; round < 30; ++round) {
    CoreReducer reducer;
    std::string out;
    std::string_view rest = whole;
    while (!rest.empty()) {
      const std::size_t size = 1 + random() % (round < 15 ? 7 : 5000);
      REQUIRE(reducer.Update(rest.substr(0, size), out));
      rest.remove_prefix(std::min(size, rest.size()));
    }
    REQUIRE(reducer.Finish(out));
    CHECK(out == expected);
  }
}

TEST_CASE("what a core is cut short of is zero in the result") {
  const std::string whole = SmallCore(EM_AARCH64);
  const std::string expected = Reduce(whole);
  const std::string reduced = Reduce(std::string_view(whole).substr(0, whole.size() - 0x1000));
  CHECK(reduced.size() == expected.size());
  CHECK_FALSE(Scan(reduced).truncated);
  CHECK(Count(reduced, 'S') < Count(expected, 'S'));
}

TEST_CASE("of a core that ends in its notes the notes are left") {
  const std::string whole = SmallCore(EM_AARCH64);
  const std::size_t memory = 0x5000;
  const std::string reduced = Reduce(std::string_view(whole).substr(0, whole.size() - memory - 8));
  const CoreSummary core = Scan(reduced);
  CHECK(core.is_core);
  CHECK(core.signal == SIGSEGV);
  CHECK(core.modules.size() == 2);
  CHECK(core.threads.size() == 1);
}

TEST_CASE("what is no core file is refused, at once or at its end") {
  std::string out;
  CoreReducer text;
  const Status status = text.Update("this is a text and no core file", out);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Code::kDataLoss);
  CHECK_FALSE(text.Finish(out));

  CoreReducer cut;
  REQUIRE(cut.Update(std::string_view(SmallCore(EM_ARM)).substr(0, 60), out));
  CHECK_FALSE(cut.Finish(out));

  CoreReducer nothing;
  CHECK_FALSE(nothing.Finish(out));
  CHECK(out.empty());
}

TEST_CASE("reducing a reduced core changes nothing") {
  const std::string once = Reduce(SmallCore(EM_X86_64));
  const CoreSummary twice = Scan(Reduce(once));
  CHECK(twice.modules == Scan(once).modules);
  CHECK(twice.threads == Scan(once).threads);
}

}  // namespace
}  // namespace edgefeed
