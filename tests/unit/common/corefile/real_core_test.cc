// Core files that the kernel wrote.

#include "tests/support/real_core.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/sizes.h"
#include "common/corefile/elf_format.h"
#include "common/corefile/link_map.h"
#include "common/corefile/module_list.h"
#include "tests/support/scanned_core.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

TEST_CASE("a real crash tells program, signal, thread and module" *
          doctest::test_suite("real_kernel")) {
  const TempDir directory;
  const auto file = MakeCore(directory.path(), {.how = "null", .threads = 3});
  if (!file) return;

  const CoreSummary core = Scan(ReadWhole(*file));

  REQUIRE(core.is_core);
  CHECK_FALSE(core.truncated);
  CHECK(core.core_bytes == std::filesystem::file_size(*file));
  CHECK(core.signal == SIGSEGV);
  CHECK(core.signal_code == SEGV_MAPERR);
  CHECK(core.fault_address == 0);
  CHECK(core.executable == Crasher());
  CHECK(Crasher().filename().string().starts_with(core.command));
  CHECK(core.pid > 0);
  REQUIRE(core.threads.size() == 3);
  CHECK(core.threads[0].id == core.thread);
  CHECK(core.threads[0].frames.at(0).module == Crasher());
  CHECK(core.threads[0].frames.at(0).build_id.size() == 40);
  CHECK_FALSE(core.threads[0].registers.empty());
  for (const DumpModule& module : core.modules) {
    CAPTURE(module.path);
    CHECK_FALSE(module.build_id.empty());
  }
}

TEST_CASE("the same crash twice is at the same place, whatever the addresses" *
          doctest::test_suite("real_kernel")) {
  std::vector<DumpFrame> places;
  for (int i = 0; i < 2; ++i) {
    const TempDir directory;
    const auto file = MakeCore(directory.path(), {});
    if (!file) return;
    places.push_back(Scan(ReadWhole(*file)).threads.at(0).frames.at(0));
  }
  CHECK(places[0] == places[1]);
}

TEST_CASE("a real core becomes small, and what the environment and the heap held is not in it" *
          doctest::test_suite("real_kernel")) {
  const std::string secret = "the-launch-code-is-00000000-and-nobody-may-know";
  const std::string backwards(secret.rbegin(), secret.rend());
  const TempDir directory;
  const auto file =
      MakeCore(directory.path(), {.how = "abort", .threads = 4, .megabytes = 8, .secret = secret});
  if (!file) return;
  const std::string whole = ReadWhole(*file);
  REQUIRE(whole.find(secret) != std::string::npos);
  REQUIRE(whole.find(backwards) != std::string::npos);

  const std::string reduced = Reduce(whole);

  CHECK(reduced.size() < (1 << 20));
  for (const std::string& text : {secret, backwards}) {
    for (std::size_t at = 0; at + 12 <= text.size(); at += 4) {
      CHECK(reduced.find(text.substr(at, 12)) == std::string::npos);
    }
  }
  const CoreSummary before = Scan(whole);
  const CoreSummary after = Scan(reduced);
  CHECK(after.signal == SIGABRT);
  CHECK(after.modules == before.modules);
  CHECK(after.threads == before.threads);
}

// The memory that a core has, as a debugger reads it.
class CoreMemory {
 public:
  explicit CoreMemory(std::string core) : core_(std::move(core)) {
    const auto header = ParseElfHeader(core_);
    for (std::size_t i = 0; header && i < header->segments; ++i) {
      const std::string_view bytes =
          std::string_view(core_).substr(header->segments_offset + i * header->segment_bytes);
      segments_.push_back(*ParseElfSegment(bytes, header->elf_class));
    }
  }
  // What there is from the address on, at most `most` bytes.
  [[nodiscard]] std::string_view At(std::uint64_t address, std::size_t most) const {
    for (const ElfSegment& segment : segments_) {
      const std::uint64_t skipped = address - segment.address;
      if (segment.type != PT_LOAD || address < segment.address || skipped >= segment.file_bytes) {
        continue;
      }
      return std::string_view(core_).substr(segment.offset + skipped,
                                            std::min(most, ToSize(segment.file_bytes - skipped)));
    }
    return {};
  }
  [[nodiscard]] std::uint64_t Word(std::uint64_t address) const {
    return ReadAt<std::uint64_t>(At(address, 8), 0).value_or(0);
  }
  [[nodiscard]] std::string Text(std::uint64_t address) const {
    const std::string_view text = At(address, 4096);
    return std::string(text.substr(0, text.find('\0')));
  }

 private:
  std::string core_;
  std::vector<ElfSegment> segments_;
};

TEST_CASE("a debugger finds the libraries of a reduced core where the loader had its list" *
          doctest::test_suite("real_kernel")) {
  const TempDir directory;
  const auto file = MakeCore(directory.path(), {});
  if (!file) return;
  const std::string reduced = Reduce(ReadWhole(*file));
  const CoreSummary core = Scan(reduced);
  const CoreMemory memory(reduced);
  const auto program = std::ranges::find(core.modules, core.executable, &DumpModule::path);
  REQUIRE(program != core.modules.end());
  CoreModule module{.module = *program};
  ReadModuleHead(memory.At(program->start, 4096), module);
  REQUIRE(module.dynamic);

  const auto debug =
      FindDebugAddress(memory.At(module.dynamic->address, module.dynamic->bytes), ElfClass::k64);
  REQUIRE(debug);
  std::uint64_t entry = memory.Word(*debug + 8);
  REQUIRE(entry != 0);
  CHECK(memory.Word(entry) == module.load_bias);
  CHECK(memory.Word(entry + 16) == module.dynamic->address);
  std::vector<std::pair<std::string, std::uint64_t>> libraries;
  while ((entry = memory.Word(entry + 24)) != 0 && libraries.size() < 100) {
    libraries.emplace_back(memory.Text(memory.Word(entry + 8)), memory.Word(entry));
  }

  std::vector<std::pair<std::string, std::uint64_t>> expected;
  for (const DumpModule& one : core.modules) {
    if (one.path != core.executable) expected.emplace_back(one.path, one.start);
  }
  CHECK(expected.size() >= 3);
  CHECK(libraries == expected);
}

TEST_CASE("a stack that has overflown is kept where it ends" * doctest::test_suite("real_kernel")) {
  const TempDir directory;
  const auto file = MakeCore(directory.path(), {.how = "overflow"});
  if (!file) return;
  const std::string reduced = Reduce(ReadWhole(*file));
  CHECK(Scan(reduced).signal == SIGSEGV);
  CHECK(reduced.size() > (128 << 10));
  CHECK(reduced.size() < (512 << 10));
}

}  // namespace
}  // namespace edgefeed
