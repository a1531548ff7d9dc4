#include "common/digest/dump_signature.h"

#include <doctest/doctest.h>

#include <csignal>

namespace edgefeed {
namespace {

constexpr const char* kProgram = "/usr/bin/sensord";
constexpr const char* kLibc = "/usr/lib/libc.so.6";

// A crash of sensord that was unwound: from abort() to main().
DumpInfo Unwound() {
  DumpInfo info;
  info.executable = kProgram;
  info.command = "sensord";
  info.signal = SIGABRT;
  info.modules = {{.path = kProgram, .build_id = "aa"}, {.path = kLibc, .build_id = "cc"}};
  info.threads = {
      {.id = 1,
       .frames = {{.module = kLibc, .build_id = "cc", .offset = 1},
                  {.module = kLibc, .build_id = "cc", .offset = 2},
                  {.module = kProgram, .build_id = "aa", .offset = 3, .function = "parse"},
                  {.module = kProgram, .build_id = "aa", .offset = 4},
                  {.module = kLibc, .build_id = "cc", .offset = 5}}}};
  return info;
}

TEST_CASE("crashes at the same place are alike, whatever the process was") {
  const DumpSignature signature = SignatureOf(Unwound());
  CHECK(signature.version == "v1");
  CHECK(signature.title == "SIGABRT in parse (sensord)");
  CHECK(signature.id.size() == 16);

  DumpInfo other = Unwound();
  other.pid = 99;
  other.threads[0].id = 99;
  other.modules[0].start = 0x7f0000000000;          // Where it was loaded,
  other.threads[0].frames[0].offset = 77;           // how the C library got from abort to the end,
  other.threads[0].frames[2].function = "renamed";  // and what a symbol is called, do not count.
  CHECK(SignatureOf(other).id == signature.id);
}

TEST_CASE("another place, signal or build of the program is another crash") {
  const std::string id = SignatureOf(Unwound()).id;
  DumpInfo place = Unwound();
  place.threads[0].frames[3].offset = 44;
  CHECK(SignatureOf(place).id != id);
  DumpInfo signal = Unwound();
  signal.signal = SIGSEGV;
  CHECK(SignatureOf(signal).id != id);
  DumpInfo build = Unwound();
  build.modules[0].build_id = "ab";
  CHECK(SignatureOf(build).id != id);
}

TEST_CASE("only the first eight frames count") {
  DumpInfo info = Unwound();
  auto& frames = info.threads[0].frames;
  while (frames.size() < 20) {
    frames.push_back({.module = kProgram, .build_id = "aa", .offset = frames.size()});
  }
  const std::string id = SignatureOf(info).id;
  frames.back().offset = 1000;
  CHECK(SignatureOf(info).id == id);
}

TEST_CASE("without a backtrace the innermost frame tells, and without that the name") {
  DumpInfo info = Unwound();
  info.threads[0].frames.resize(1);
  CHECK(SignatureOf(info).version == "v1-pc");
  CHECK(SignatureOf(info).title == "SIGABRT in libc.so.6+0x1 (sensord)");
  info.threads[0].frames[0] = {.offset = 0x7f1234};  // In no module: an address tells nothing.
  CHECK(SignatureOf(info).version == "v1-name");
  info.threads.clear();
  CHECK(SignatureOf(info).version == "v1-name");
  CHECK(SignatureOf(info).title == "SIGABRT (sensord)");
}

TEST_CASE("a signal has its name") {
  CHECK(SignalName(SIGSEGV) == "SIGSEGV");
  CHECK(SignalName(77) == "signal 77");
  CHECK(SignalName(0) == "unknown signal");
}

}  // namespace
}  // namespace edgefeed
