#include "agent/crash/settling.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "common/base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using Verdict = Settling::Verdict;

constexpr SteadyTime kStart{1h};

FoundFile File(std::uint64_t size) {
  return {.name = "f",
          .identity = {.inode = 1, .size_bytes = size, .modified_ns = 1000},
          .changed_ns = 1000};
}

TEST_CASE("a renamed file is complete at once, whoever may tell about its writer") {
  for (const Writer writer : {Writer::kNone, Writer::kUnknown}) {
    Settling settling;
    settling.RenamedIn("f");
    CHECK(settling.Judge(File(9), writer, kStart).verdict == Verdict::kCommitted);
  }
  Settling settling;
  settling.RenamedIn("f");
  CHECK(settling.Judge(File(0), Writer::kNone, kStart).verdict == Verdict::kCommitted);
}

TEST_CASE("a file renamed by a writer that goes on is complete when it stops") {
  Settling settling;
  settling.RenamedIn("f");
  CHECK(settling.Judge(File(9), Writer::kSome, kStart).verdict == Verdict::kWait);
  CHECK(settling.Judge(File(9), Writer::kNone, kStart + 1s).verdict == Verdict::kCommitted);
}

TEST_CASE("what was changed after its last write was renamed or linked, also when nobody saw it") {
  FoundFile file = File(9);
  file.changed_ns = 2000;
  Settling settling;
  CHECK(settling.Judge(file, Writer::kNone, kStart).verdict == Verdict::kCommitted);
  Settling unsure;
  CHECK(unsure.Judge(file, Writer::kUnknown, kStart).verdict == Verdict::kWait);
}

TEST_CASE("a linked file has a name that no writer closes") {
  Settling settling;
  settling.Created("f", kStart);
  const auto first = settling.Judge(File(9), Writer::kNone, kStart);
  CHECK(first.verdict == Verdict::kWait);
  CHECK(first.again == kStart + 1s);
  CHECK(settling.Judge(File(9), Writer::kNone, kStart + 1s).verdict == Verdict::kCommitted);

  settling = {};
  settling.Created("f", kStart);
  settling.ClosedAfterWriting("f");
  CHECK(settling.Judge(File(9), Writer::kNone, kStart).verdict == Verdict::kWait);
  CHECK(settling.Judge(File(9), Writer::kNone, kStart + 4s).verdict == Verdict::kWait);
}

TEST_CASE("a written file is complete after five seconds of quiet") {
  Settling settling;
  CHECK(settling.Judge(File(1), Writer::kUnknown, kStart).verdict == Verdict::kWait);
  CHECK(settling.Judge(File(2), Writer::kUnknown, kStart + 4s).verdict == Verdict::kWait);
  const auto waiting = settling.Judge(File(2), Writer::kUnknown, kStart + 8s);
  CHECK(waiting.verdict == Verdict::kWait);
  CHECK(waiting.again == kStart + 9s);
  CHECK(settling.Judge(File(2), Writer::kUnknown, kStart + 9s).verdict == Verdict::kQuiet);
}

TEST_CASE("an open, an empty and a half file wait for ten minutes") {
  for (const int kind : {0, 1, 2}) {
    CAPTURE(kind);
    Settling settling;
    const FoundFile file = File(kind == 1 ? 0 : 9);
    const Writer writer = kind == 0 ? Writer::kSome : Writer::kNone;
    settling.Judge(file, writer, kStart);
    if (kind == 2) settling.NotWhole("f", file.identity);
    const auto waiting = settling.Judge(file, writer, kStart + 599s);
    CHECK(waiting.verdict == Verdict::kWait);
    CHECK(waiting.again == kStart + 600s);
    CHECK(settling.Judge(file, writer, kStart + 600s).verdict == Verdict::kAbandoned);
  }
}

TEST_CASE("a half file that goes on is not half for ever") {
  Settling settling;
  settling.Judge(File(1), Writer::kNone, kStart);
  settling.NotWhole("f", File(1).identity);
  settling.Judge(File(2), Writer::kNone, kStart + 60s);
  CHECK(settling.Judge(File(2), Writer::kNone, kStart + 65s).verdict == Verdict::kQuiet);
}

TEST_CASE("what is gone is forgotten") {
  Settling settling;
  settling.Judge(File(1), Writer::kNone, kStart);
  settling.Retain({});
  CHECK(settling.Judge(File(1), Writer::kNone, kStart + 9s).verdict == Verdict::kWait);
}

TEST_CASE("the kernel tells whether somebody writes") {
  const TempDir dir;
  const auto path = dir.Write("f", "text");
  const UniqueFd reader(::open(path.c_str(), O_RDONLY));
  {
    const UniqueFd writer(::open(path.c_str(), O_WRONLY));
    CHECK(WriterOf(reader.get()) == Writer::kSome);
  }
  CHECK(WriterOf(reader.get()) == Writer::kNone);
  const UniqueFd later(::open(path.c_str(), O_WRONLY | O_NONBLOCK));
  CHECK(later.valid());  // Nothing of the question is left.
}

}  // namespace
}  // namespace edgefeed
