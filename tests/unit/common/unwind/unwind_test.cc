#include "common/unwind/unwind.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "common/base/unique_fd.h"
#include "tests/support/real_core.h"
#include "tests/support/scanned_core.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

std::vector<DumpThread> UnwindFile(const std::filesystem::path& file,
                                   const std::vector<std::filesystem::path>& symbols = {}) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  auto threads = Unwind(fd.get(), Scan(ReadWhole(file)), symbols);
  REQUIRE(threads);
  return *threads;
}

std::size_t IndexOf(const DumpThread& thread, std::string_view function) {
  for (std::size_t i = 0; i < thread.frames.size(); ++i) {
    if (thread.frames[i].function.starts_with(function)) return i;
  }
  return thread.frames.size();
}

TEST_CASE("a real crash has the functions that led to it, innermost first") {
  const TempDir directory;
  const auto core = MakeCore(directory.path(), {.how = "null", .threads = 3});
  if (!core) return;

  const auto threads = UnwindFile(*core);

  REQUIRE(threads.size() == 3);
  const DumpThread& crashed = threads[0];
  CHECK(crashed.frames.at(0).function == "WriteThroughNull()");
  CHECK(crashed.frames.at(0).source.find("main.cc:") != std::string::npos);
  CHECK(crashed.frames.at(0).module == Crasher());
  CHECK_FALSE(crashed.registers.empty());
  CHECK(IndexOf(crashed, "CrashAsTold(") == 1);
  CHECK(IndexOf(crashed, "main") == 2);
  for (const int other : {1, 2}) {
    CHECK(IndexOf(threads[other], "WaitForTheCrash(") < threads[other].frames.size());
  }
}

// The text of the line that a frame names, "…/main.cc:17".
std::string LineOf(const DumpFrame& frame) {
  std::ifstream source(std::filesystem::path(EDGEFEED_FIXTURES) / "../support/crasher/main.cc");
  const int number = std::stoi(frame.source.substr(frame.source.rfind(':') + 1));
  std::string line;
  for (int i = 0; i < number; ++i) std::getline(source, line);
  return line;
}

TEST_CASE("the line of a caller is that of its call, not the one behind it") {
  const TempDir directory;
  const auto core = MakeCore(directory.path(), {.how = "null"});
  if (!core) return;
  const DumpThread crashed = UnwindFile(*core).at(0);
  CHECK(LineOf(crashed.frames.at(0)).find("*crash_address = 1") != std::string::npos);
  CHECK(LineOf(crashed.frames.at(1)) == "  WriteThroughNull();");
  CHECK(LineOf(crashed.frames.at(2)) == "  CrashAsTold(argv[1]);");
}

TEST_CASE("a reduced core unwinds as the whole one does, through the C library") {
  const TempDir directory;
  const auto core = MakeCore(directory.path(), {.how = "abort", .threads = 2});
  if (!core) return;
  const auto reduced = directory.Write("reduced", Reduce(ReadWhole(*core)));

  const auto threads = UnwindFile(reduced);

  CHECK(threads == UnwindFile(*core));
  CHECK(IndexOf(threads.at(0), "main") > 2);
  CHECK(IndexOf(threads.at(0), "main") < threads.at(0).frames.size());
}

TEST_CASE("an endless recursion has 64 frames") {
  const TempDir directory;
  const auto core = MakeCore(directory.path(), {.how = "overflow"});
  if (!core) return;
  const auto threads = UnwindFile(directory.Write("reduced", Reduce(ReadWhole(*core))));
  const DumpThread& crashed = threads.at(0);
  CHECK(crashed.frames.front().function == "RecurseForever(int)");
  CHECK(crashed.frames.size() <= 64);
  CHECK(crashed.frames.size() > 20);
}

TEST_CASE(
    "a program that this machine has no longer is found in a directory, by name or build id") {
  const TempDir directory;
  const auto program = directory.path() / "moved";
  std::filesystem::copy_file(Crasher(), program);
  const auto here = directory.path() / "here";
  std::filesystem::create_directory(here);
  const auto core = MakeCore(here, {.program = program});
  if (!core) return;
  const auto build_id = Scan(ReadWhole(*core)).threads.at(0).frames.at(0).build_id;
  REQUIRE(build_id.size() == 40);
  const auto symbols = directory.path() / "symbols";
  const auto by_id = symbols / ".build-id" / build_id.substr(0, 2) / build_id.substr(2);
  std::filesystem::create_directories(by_id.parent_path());
  const auto function = [&] { return UnwindFile(*core, {symbols}).at(0).frames.at(0).function; };

  std::filesystem::rename(program, by_id);
  CHECK(function() == "WriteThroughNull()");
  std::filesystem::rename(by_id, symbols / "moved");
  CHECK(function() == "WriteThroughNull()");
  std::filesystem::rename(symbols / "moved", symbols / "other");
  CHECK(function().empty());
}

TEST_CASE("a program with another build id is not taken for the one that crashed") {
  const TempDir directory;
  std::string bytes = ReadWhole(Crasher());
  const auto program = directory.Write("program", bytes);
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const auto here = directory.path() / "here";
  std::filesystem::create_directory(here);
  const auto core = MakeCore(here, {.program = program});
  if (!core) return;
  REQUIRE(UnwindFile(*core).at(0).frames.at(0).function == "WriteThroughNull()");
  // The id stands behind the header of its note.
  const std::string_view note_header("\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0", 16);
  const std::size_t note = bytes.find(note_header);
  REQUIRE(note != std::string::npos);
  bytes[note + note_header.size()] ^= 1;
  std::ofstream(program, std::ios::binary) << bytes;

  const auto threads = UnwindFile(*core);

  CHECK(threads.at(0).frames.at(0).function.empty());
  CHECK(threads.at(0).frames.at(0).module == program);
}

TEST_CASE("what is no core file is an error") {
  const TempDir directory;
  const auto file = directory.Write("text", "no core");
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  CHECK_FALSE(Unwind(fd.get(), {}, {}));
}

}  // namespace
}  // namespace edgefeed
