// Core files that the kernel wrote.

#include "tests/support/real_core.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <string>

#include "common/corefile/core_reducer.h"
#include "common/corefile/core_scanner.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

CoreSummary Scan(std::string_view core) {
  CoreScanner scanner;
  scanner.Update(core);
  return scanner.Finish();
}

std::string Reduce(std::string_view core) {
  CoreReducer reducer;
  std::string out;
  REQUIRE(reducer.Update(core, out));
  REQUIRE(reducer.Finish(out));
  return out;
}

TEST_CASE("a real crash tells program, signal, thread and module") {
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

TEST_CASE("the same crash twice is at the same place, whatever the addresses") {
  std::vector<DumpFrame> places;
  for (int i = 0; i < 2; ++i) {
    const TempDir directory;
    const auto file = MakeCore(directory.path(), {});
    if (!file) return;
    places.push_back(Scan(ReadWhole(*file)).threads.at(0).frames.at(0));
  }
  CHECK(places[0] == places[1]);
}

TEST_CASE("a real core becomes small, and what the environment and the heap held is not in it") {
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

TEST_CASE("a stack that has overflown is kept where it ends") {
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
