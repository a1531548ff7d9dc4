#include "collector/uploads/begun_uploads.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/base/file.h"
#include "tests/unit/collector/history/file_size_limit.h"
#include "tests/unit/collector/uploads/begun_fixture.h"
#include "tests/unit/collector/uploads/upload_directory.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::uint64_t kGrid = std::uint64_t{64} << 10;
constexpr std::size_t kSize = (std::size_t{5} << 20) + 777;

doctest::String Text(const std::string& text) { return {text.c_str()}; }

std::string Content(const fs::path& file) {
  auto content = ReadSmallFile(file);
  REQUIRE(content);
  return *content;
}

bool IsOwnersOnly(const fs::path& file) {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 && (status.st_mode & 0777U) == 0600;
}

TEST_CASE_FIXTURE(BegunFixture, "a plain file that comes in segments becomes visible when whole") {
  const std::string bytes = SomeBytes(kSize);
  const UploadAnswer begin = Begin("a", bytes);
  CHECK(begin.state == UploadState::kIncomplete);
  CHECK(begin.committed_bytes == 0);

  const UploadAnswer first = SendSegment("a", begin.epoch, bytes, 0, 10 * kGrid);
  CHECK(first.state == UploadState::kIncomplete);
  CHECK(first.committed_bytes == 10 * kGrid);
  CHECK(first.committed_crc32c == Crc32c(bytes.substr(0, 10 * kGrid)));
  CHECK(VisibleFiles(dir.path() / "uploads").empty());

  const UploadAnswer last = SendSegment("a", begin.epoch, bytes, 10 * kGrid, bytes.size());
  CHECK(last.state == UploadState::kComplete);
  CHECK(last.sha256 == Sha256Of(bytes));
  CHECK(last.size_bytes == bytes.size());
  CHECK(last.committed_crc32c == Crc32c(bytes));
  CHECK(Content(dir.path() / "uploads" / "core.zst") == bytes);
  CHECK(Partials().empty());
}

TEST_CASE_FIXTURE(BegunFixture, "a dump is stored under its digest, for its owner only") {
  const std::string bytes = SomeBytes(kSize);
  CHECK(Upload("a", bytes, CrashOf("/usr/bin/sensord")).state == UploadState::kComplete);

  CHECK(Content(StoredDump(bytes)) == bytes);
  CHECK(IsOwnersOnly(StoredDump(bytes)));
  CHECK(VisibleFiles(dir.path() / "uploads").empty());
  CHECK(Partials().empty());
}

TEST_CASE_FIXTURE(BegunFixture, "what does not fit the grid must come again") {
  const std::string bytes = SomeBytes(kSize);
  const UploadAnswer begin = Begin("a", bytes);

  const UploadAnswer first = SendSegment("a", begin.epoch, bytes, 0, 3 * kGrid + 100);

  CHECK(first.committed_bytes == 3 * kGrid);
  CHECK(first.committed_crc32c == Crc32c(bytes.substr(0, 3 * kGrid)));
  CHECK(SendSegment("a", begin.epoch, bytes, 3 * kGrid, bytes.size()).state ==
        UploadState::kComplete);
  CHECK(Content(dir.path() / "uploads" / "core.zst") == bytes);
}

TEST_CASE_FIXTURE(BegunFixture, "a chunk that is not where the last one ended is refused") {
  const std::string bytes = SomeBytes(kSize);
  std::uint64_t committed = 0;
  for (const std::uint64_t wrong : {std::uint64_t{0}, kGrid, 12 * kGrid}) {
    CAPTURE(wrong);
    const UploadAnswer begin = Begin("a", bytes);
    CHECK(begin.committed_bytes == committed);
    const Call call = Open("a", begin.epoch);
    Send(call, bytes, committed, committed + 2 * kGrid);
    committed += 2 * kGrid;

    Send(call, bytes, wrong, wrong + kGrid);

    CHECK(call.answer().refusal == UploadRefusal::kOffset);
    CHECK(call.answer().state == UploadState::kRefused);
    CHECK(call.answer().committed_bytes == committed);  // What came before is kept.
  }
}

TEST_CASE_FIXTURE(BegunFixture, "a damaged chunk is refused, and what came before it is kept") {
  const std::string bytes = SomeBytes(kSize);
  const Call call = Open("a", Begin("a", bytes).epoch);
  Send(call, bytes, 0, 2 * kGrid);
  std::string damaged = bytes.substr(2 * kGrid, kGrid);
  damaged[4711] = static_cast<char>(damaged[4711] ^ 4);

  call.segment->Take({.offset = 2 * kGrid,
                      .data = damaged,
                      .crc32c = Crc32c(bytes.substr(2 * kGrid, kGrid)),
                      .is_last = false});

  CHECK(call.answer().refusal == UploadRefusal::kCrc);
  CHECK(call.answer().committed_bytes == 2 * kGrid);
  CHECK(Upload("a", bytes).state == UploadState::kComplete);
  CHECK(Content(dir.path() / "uploads" / "core.zst") == bytes);
}

TEST_CASE_FIXTURE(BegunFixture, "bytes that are not what was promised are thrown away") {
  const std::string promised = SomeBytes(kSize, 1);
  const std::string other = SomeBytes(kSize, 2);
  const std::uint64_t epoch = Begin("a", promised).epoch;

  const UploadAnswer answer = SendSegment("a", epoch, other, 0, other.size());

  CHECK(answer.refusal == UploadRefusal::kDigest);
  CHECK(answer.committed_bytes == 0);
  CHECK(Partials().empty());
  CHECK(VisibleFiles(dir.path() / "uploads").empty());
  CHECK(Upload("a", promised).state == UploadState::kComplete);
}

TEST_CASE_FIXTURE(BegunFixture,
                  "a chunk behind the promised end, or an end before it, is refused") {
  const std::string bytes = SomeBytes(2 * kGrid);
  const Call longer = Open("a", Begin("a", bytes).epoch);
  const std::string more = SomeBytes(3 * kGrid);
  longer.segment->Take({.offset = 0, .data = more, .crc32c = Crc32c(more), .is_last = false});
  CHECK(longer.answer().refusal == UploadRefusal::kInvalid);

  const Call shorter = Open("a", Begin("a", bytes).epoch);
  const std::string less = bytes.substr(0, kGrid);
  shorter.segment->Take({.offset = 0, .data = less, .crc32c = Crc32c(less), .is_last = true});
  CHECK(shorter.answer().refusal == UploadRefusal::kInvalid);

  const Call large = Open("a", Begin("a", bytes).epoch);
  large.segment->Take({.offset = 0, .data = SomeBytes((std::size_t{1} << 20) + 1)});
  CHECK(large.answer().refusal == UploadRefusal::kInvalid);
}

TEST_CASE_FIXTURE(BegunFixture, "a new BeginUpload ends the call before it, and keeps its bytes") {
  const std::string bytes = SomeBytes(kSize);
  const UploadAnswer begin = Begin("a", bytes);
  const Call old = Open("a", begin.epoch);
  Send(old, bytes, 0, 5 * kGrid);
  CHECK_FALSE(old.answered());

  const UploadAnswer again = Begin("a", bytes);

  CHECK(old.answer().refusal == UploadRefusal::kSuperseded);
  CHECK(again.epoch > begin.epoch);
  CHECK(again.committed_bytes == 5 * kGrid);
  // The old call, and its ticket, write nothing any more.
  Send(old, bytes, 5 * kGrid, 6 * kGrid);
  CHECK(Open("a", begin.epoch).answer().refusal == UploadRefusal::kSuperseded);
  CHECK(SendSegment("a", again.epoch, bytes, 5 * kGrid, bytes.size()).state ==
        UploadState::kComplete);
  CHECK(Content(dir.path() / "uploads" / "core.zst") == bytes);
}

TEST_CASE_FIXTURE(BegunFixture, "a lost answer: the upload is complete at the next BeginUpload") {
  const std::string bytes = SomeBytes(kSize);
  const DumpInfo crash = CrashOf("/usr/bin/sensord");
  CHECK(Upload("a", bytes, crash).state == UploadState::kComplete);
  for (int i = 0; i < 3; ++i) {
    if (i == 1) Reopen();
    if (i == 2) scheduler.Advance(29 * 24h);
    const UploadAnswer again = Begin("a", bytes, crash);
    CHECK(again.state == UploadState::kComplete);
    CHECK(again.sha256 == Sha256Of(bytes));
    CHECK(again.committed_bytes == bytes.size());
  }
  CHECK(stats.upload_bytes == bytes.size());
  CHECK(StoredDumps() == 1);
}

TEST_CASE_FIXTURE(BegunFixture,
                  "an upload goes on after a restart, and its digest is the whole's") {
  const std::string bytes = SomeBytes(kSize);
  const UploadAnswer begin = Begin("a", bytes);
  SendSegment("a", begin.epoch, bytes, 0, 40 * kGrid);

  Reopen();

  CHECK(Open("a", begin.epoch - 1).answer().refusal == UploadRefusal::kSuperseded);
  const UploadAnswer again = Begin("a", bytes);
  CHECK(again.epoch > begin.epoch);
  CHECK(again.committed_bytes == 40 * kGrid);
  CHECK(again.committed_crc32c == Crc32c(bytes.substr(0, 40 * kGrid)));
  CHECK(SendSegment("a", again.epoch, bytes, 40 * kGrid, bytes.size()).state ==
        UploadState::kComplete);
  CHECK(Content(dir.path() / "uploads" / "core.zst") == bytes);
}

TEST_CASE_FIXTURE(BegunFixture, "what was written and not committed before a crash comes again") {
  const std::string bytes = SomeBytes(kSize);
  const Call call = Open("a", Begin("a", bytes).epoch);
  Send(call, bytes, 0, 70 * kGrid);  // One commit at 64, and six more chunks.
  CHECK(fs::file_size(Partials().front()) == 70 * kGrid);

  Reopen();

  const UploadAnswer again = Begin("a", bytes);
  CHECK(again.committed_bytes == 64 * kGrid);
  CHECK(fs::file_size(Partials().front()) == 64 * kGrid);
}

TEST_CASE_FIXTURE(BegunFixture, "however slow the disk is, a crash costs at most 6 MiB") {
  const std::string bytes = SomeBytes(120 * kGrid);
  const Call call = Open("a", Begin("a", bytes).epoch);
  Send(call, bytes, 0, 110 * kGrid);  // While it does, the first commit does not end.

  Reopen();

  CHECK(Begin("a", bytes).committed_bytes == 96 * kGrid);
}

TEST_CASE_FIXTURE(BegunFixture, "a partial file that lost bytes begins anew") {
  const std::string bytes = SomeBytes(kSize);
  SendSegment("a", Begin("a", bytes).epoch, bytes, 0, 4 * kGrid);
  fs::resize_file(Partials().front(), 3 * kGrid);
  Reopen();
  CHECK(Begin("a", bytes).committed_bytes == 0);
  fs::remove(Partials().front());
  Reopen();
  CHECK(Upload("a", bytes).state == UploadState::kComplete);
}

TEST_CASE_FIXTURE(BegunFixture, "epochs grow, also over uploads that are forgotten") {
  const std::string bytes = SomeBytes(kGrid);
  const std::uint64_t first = Begin("a", bytes).epoch;
  CHECK(begun->Abort(device, "a").refusal == UploadRefusal::kNone);
  Reopen();
  CHECK(Begin("a", bytes).epoch > first);
}

TEST_CASE_FIXTURE(BegunFixture, "an aborted upload leaves nothing, and ends its call") {
  const std::string bytes = SomeBytes(kSize);
  const Call call = Open("a", Begin("a", bytes).epoch);
  Send(call, bytes, 0, 5 * kGrid);

  const UploadAnswer aborted = begun->Abort(device, "a");

  CHECK(aborted.refusal == UploadRefusal::kNone);
  CHECK(aborted.committed_bytes == 0);
  CHECK(call.answer().refusal == UploadRefusal::kUnknown);
  CHECK(Partials().empty());
  CHECK_FALSE(begun->Query(device, "a"));
  CHECK(begun->Abort(device, "a").refusal == UploadRefusal::kUnknown);
}

TEST_CASE_FIXTURE(BegunFixture, "what is complete cannot be aborted") {
  const std::string bytes = SomeBytes(kGrid);
  Upload("a", bytes, CrashOf("/bin/x"));
  CHECK(begun->Abort(device, "a").state == UploadState::kComplete);
  CHECK(StoredDumps() == 1);
}

TEST_CASE_FIXTURE(BegunFixture, "a query changes nothing") {
  const std::string bytes = SomeBytes(kSize);
  const auto unknown = begun->Query(device, "a");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Code::kNotFound);
  const UploadAnswer begin = Begin("a", bytes);
  SendSegment("a", begin.epoch, bytes, 0, kGrid);
  const auto stand = begun->Query(device, "a");
  REQUIRE(stand);
  CHECK(stand->epoch == begin.epoch);
  CHECK(stand->committed_bytes == kGrid);
  device = "other";
  CHECK_FALSE(begun->Query(device, "a"));  // Each device has ids of its own.
}

TEST_CASE_FIXTURE(BegunFixture, "a description without bytes is kept at once, and once") {
  DumpInfo crash = CrashOf("/usr/bin/sensord");
  crash.missing = "rate_limited";
  crash.occurrences = 7;
  const UploadAnswer first = Begin("a", "", crash);
  CHECK(first.state == UploadState::kDescribed);
  CHECK(Begin("a", "", crash).state == UploadState::kDescribed);
  CHECK(database->QueryInteger("SELECT count(*) FROM dump").operator*() == 1);
  CHECK(database->QueryInteger("SELECT occurrences FROM dump_group").operator*() == 7);
}

TEST_CASE_FIXTURE(BegunFixture, "an empty plain file is complete at once") {
  CHECK(Begin("a", "").state == UploadState::kComplete);
  CHECK(VisibleFiles(dir.path() / "uploads") == std::vector<std::string>{"core.zst"});
}

TEST_CASE_FIXTURE(BegunFixture, "another size or digest under the same id is a conflict") {
  const std::string bytes = SomeBytes(kSize);
  Begin("a", bytes);
  CHECK(Begin("a", SomeBytes(kSize, 2)).refusal == UploadRefusal::kConflict);
  CHECK(Begin("a", SomeBytes(kGrid)).refusal == UploadRefusal::kConflict);
  Upload("a", bytes);
  const UploadAnswer late = Begin("a", SomeBytes(kSize, 2));
  CHECK(late.refusal == UploadRefusal::kConflict);
  CHECK(Text(late.message) == doctest::Contains("'core.zst' (id a) of device cam-7"));
}

TEST_CASE_FIXTURE(BegunFixture, "what a client must not ask") {
  const std::string digest(32, 'x');
  const auto refusal = [&](const UploadRequest& request) { return Begin(request).refusal; };
  const UploadRequest good{.device = "d",
                           .upload_id = "a",
                           .filename = "f",
                           .size_bytes = 1,
                           .sha256 = digest,
                           .dump = {}};
  UploadRequest bad = good;
  const std::string long_name(256, 'n');
  for (const std::string_view id : {"", "a/b", "ä", "a b", long_name.c_str()}) {
    bad.upload_id = id;
    CHECK(refusal(bad) == UploadRefusal::kInvalid);
  }
  bad = good;
  for (const std::string_view name : {"", ".hidden", "../x", "a/b", "a\nb", long_name.c_str()}) {
    bad.filename = name;
    CHECK(refusal(bad) == UploadRefusal::kInvalid);
  }
  bad = good;
  for (const std::string_view name : {"a\nb", long_name.c_str()}) {
    bad.device = name;
    CHECK(refusal(bad) == UploadRefusal::kInvalid);
  }
  bad = good;
  bad.sha256 = "short";
  CHECK(refusal(bad) == UploadRefusal::kInvalid);
  bad = good;
  bad.dump = std::string(std::size_t{3} << 20, 'x');
  CHECK(refusal(bad) == UploadRefusal::kInvalid);
  CHECK(refusal(good) == UploadRefusal::kNone);
}

TEST_CASE_FIXTURE(BegunFixture, "a partial expires after a week without progress") {
  const std::string bytes = SomeBytes(kSize);
  SendSegment("a", Begin("a", bytes).epoch, bytes, 0, 4 * kGrid);
  scheduler.Advance(6 * 24h);
  CHECK(Begin("a", bytes).committed_bytes == 4 * kGrid);
  scheduler.Advance(6 * 24h);
  CHECK(Partials().size() == 1);
  scheduler.Advance(2 * 24h);
  CHECK(Partials().empty());
  CHECK(stats.uploads_expired == 1);
  CHECK(Begin("a", bytes).committed_bytes == 0);
}

TEST_CASE_FIXTURE(BegunFixture, "what is complete is forgotten after a month") {
  const std::string bytes = SomeBytes(kGrid);
  Upload("a", bytes, CrashOf("/bin/x"));
  scheduler.Advance(31 * 24h);
  CHECK_FALSE(begun->Query(device, "a"));
}

TEST_CASE_FIXTURE(BegunFixture,
                  "a full disk refuses the chunk, and the upload goes on afterwards") {
  const std::string bytes = SomeBytes(kSize);
  const UploadAnswer begin = Begin("a", bytes);
  {
    const FileSizeLimit full(70 * kGrid);
    const UploadAnswer answer = SendSegment("a", begin.epoch, bytes, 0, bytes.size());
    CHECK(answer.refusal == UploadRefusal::kStorage);
    CHECK(answer.retry_after > 0ms);
    CHECK(answer.committed_bytes == 70 * kGrid);
  }
  CHECK(SendSegment("a", begin.epoch, bytes, 70 * kGrid, bytes.size()).state ==
        UploadState::kComplete);
  CHECK(Content(dir.path() / "uploads" / "core.zst") == bytes);
}

}  // namespace
}  // namespace edgefeed
