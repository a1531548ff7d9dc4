// The real inspector on real and hostile dumps.

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <functional>
#include <future>
#include <optional>
#include <string>

#include "collector/inspect/dump_inspector.h"
#include "common/compress/zstd_stream.h"
#include "common/corefile/core_reducer.h"
#include "common/runtime/strand.h"
#include "tests/support/core_builder.h"
#include "tests/support/program.h"
#include "tests/support/real_core.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// An inspector on a strand of its own.
class Inspection {
 public:
  explicit Inspection(DumpInspectorConfig config) {
    RunOn(strand_, [&] {
      runner_.emplace(strand_);
      inspector_.emplace(config, *runner_, strand_);
    });
  }
  ~Inspection() {
    RunOn(strand_, [this] {
      inspector_.reset();
      runner_.reset();
    });
  }
  Inspection(const Inspection&) = delete;
  Inspection& operator=(const Inspection&) = delete;

  Result<DumpInfo> Look(const std::filesystem::path& dump) {
    std::promise<Result<DumpInfo>> answer;
    RunOn(strand_, [&] {
      inspector_->Inspect(dump, [&](Result<DumpInfo> info) { answer.set_value(std::move(info)); });
    });
    return answer.get_future().get();
  }

 private:
  SystemClock clock_;
  Strand strand_{"inspection", clock_};
  std::optional<ChildProcessRunner> runner_;
  std::optional<DumpInspector> inspector_;
};

Inspection RealInspection() {
  // Under load and a sanitizer it takes its time.
  return Inspection({.program = BuiltProgram("edgefeed-inspect"), .time_limit = 60s});
}

std::string Compressed(std::string_view bytes) {
  ZstdCompressor compressor;
  std::string out;
  compressor.Update(bytes, out);
  compressor.Finish(out);
  return out;
}

// zstd of `head` and then so many zeros.
std::string CompressedWithZeros(std::string_view head, std::uint64_t zeros) {
  ZstdCompressor compressor;
  std::string out;
  compressor.Update(head, out);
  const std::string chunk(1 << 20, '\0');
  for (std::uint64_t sent = 0; sent < zeros; sent += chunk.size()) compressor.Update(chunk, out);
  compressor.Finish(out);
  return out;
}

bool HasFunction(const DumpThread& thread, std::string_view name) {
  return std::ranges::any_of(
      thread.frames, [name](const DumpFrame& frame) { return frame.function.starts_with(name); });
}

TEST_CASE(
    "a stored dump of a real crash tells the functions, whole or reduced, compressed or not") {
  const TempDir directory;
  const TempDir stored;
  const auto core = MakeCore(directory.path(), {.how = "abort", .threads = 2, .megabytes = 4});
  if (!core) return;
  const std::string whole = ReadWhole(*core);
  CoreReducer reducer;
  std::string reduced;
  REQUIRE(reducer.Update(whole, reduced));
  REQUIRE(reducer.Finish(reduced));
  Inspection inspection = RealInspection();

  for (const std::string& bytes : {whole, Compressed(whole), reduced, Compressed(reduced)}) {
    const auto info = inspection.Look(stored.Write("dump", bytes));
    REQUIRE(info);
    CHECK(info->signal == SIGABRT);
    CHECK(info->executable == Crasher());
    CHECK_FALSE(info->truncated);
    REQUIRE(info->threads.size() == 2);
    CHECK(HasFunction(info->threads[0], "CrashAsTold("));
    CHECK(HasFunction(info->threads[0], "main"));
    CHECK(HasFunction(info->threads[1], "WaitForTheCrash("));
  }
}

TEST_CASE("a dump that ends too early tells what it has, and that it does") {
  const TempDir stored;
  Inspection inspection = RealInspection();
  const std::string core = SmallCore(EM_AARCH64);
  const auto info =
      inspection.Look(stored.Write("cut", std::string_view(core).substr(0, core.size() - 100)));
  REQUIRE(info);
  CHECK(info->truncated);
  CHECK(info->threads.size() == 2);

  const std::string dump = Compressed(core);
  const auto frame =
      inspection.Look(stored.Write("cut.zst", std::string_view(dump).substr(0, dump.size() - 1)));
  REQUIRE(frame);
  CHECK(frame->truncated);
}

TEST_CASE("what is no core file is an error in bounded time") {
  const TempDir stored;
  Inspection inspection = RealInspection();
  for (const std::string& bytes :
       {std::string(), std::string(100000, '\0'), std::string("garbage"),
        Compressed("garbage, but compressed"), std::string("\x28\xb5\x2f\xfd is no zstd"),
        CompressedWithZeros("", std::uint64_t{4} << 30)}) {
    const auto info = inspection.Look(stored.Write("dump", bytes));
    REQUIRE_FALSE(info);
    CHECK(info.error().code == Code::kDataLoss);
  }
}

TEST_CASE("a core with a bomb behind it tells what the core does") {
  const TempDir stored;
  Inspection inspection = RealInspection();
  const auto info = inspection.Look(
      stored.Write("bomb", CompressedWithZeros(SmallCore(EM_X86_64), std::uint64_t{8} << 30)));
  REQUIRE(info);
  CHECK(info->signal == SIGSEGV);
  CHECK(info->threads.size() == 2);
}

TEST_CASE("a core with a hole of 1 TiB behind it tells what the core does") {
  const TempDir stored;
  const auto dump = stored.Write("hole", SmallCore(EM_X86_64));
  std::error_code full;
  std::filesystem::resize_file(dump, std::uintmax_t{1} << 40, full);
  if (full) {
    MESSAGE("no file of 1 TiB here: ", full.message());
    return;
  }
  Inspection inspection = RealInspection();
  const auto info = inspection.Look(dump);
  REQUIRE(info);
  CHECK(info->threads.size() == 2);
}

TEST_CASE("a core with 2 GiB of zeros for notes is an error") {
  const TempDir stored;
  std::string headers;
  AppendElfHeader({.type = ET_CORE,
                   .machine = EM_X86_64,
                   .segments_offset = sizeof(Elf64_Ehdr),
                   .segment_bytes = sizeof(Elf64_Phdr),
                   .segments = 1},
                  headers);
  AppendElfSegment({.type = PT_NOTE, .offset = 4096, .file_bytes = std::uint64_t{2} << 30}, 4,
                   ElfClass::k64, headers);
  Inspection inspection = RealInspection();
  const auto info =
      inspection.Look(stored.Write("zeros", CompressedWithZeros(headers, std::uint64_t{2} << 30)));
  REQUIRE_FALSE(info);
  CHECK(info.error().message.find("no notes") != std::string::npos);
}

TEST_CASE("a child that hangs is killed, and the next dump is looked at") {
  const TempDir directory;
  const auto program = directory.Write("hangs", "#!/bin/sh\nexec sleep 1000\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  Inspection inspection({.program = program, .time_limit = 200ms});
  for (int i = 0; i < 2; ++i) {
    const auto info = inspection.Look(directory.Write("dump", "anything"));
    REQUIRE_FALSE(info);
    CHECK(info.error().code == Code::kDeadlineExceeded);
  }
}

}  // namespace
}  // namespace edgefeed
