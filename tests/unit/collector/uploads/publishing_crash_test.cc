// A collector that ends while it publishes an upload that is whole.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/file.h"
#include "tests/unit/collector/uploads/begun_fixture.h"
#include "tests/unit/collector/uploads/upload_directory.h"

namespace edgefeed {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kGrid = std::uint64_t{64} << 10;
constexpr std::size_t kSize = (std::size_t{5} << 20) + 777;

// As if the collector had ended in the middle of publishing: its upload is incomplete again.
void UndoComplete(const Database& database) {
  REQUIRE(database.Run("UPDATE upload SET phase = 1, description = x'', stored_as = ''"));
}

TEST_CASE_FIXTURE(BegunFixture, "a crash after a dump was stored and before it was recorded") {
  const std::string bytes = SomeBytes(kSize);
  CHECK(Upload("a", bytes, CrashOf("/bin/x")).state == UploadState::kComplete);
  UndoComplete(*database);
  REQUIRE(database->Run("DELETE FROM dump; DELETE FROM dump_group; DELETE FROM dump_group_name"));

  Reopen();

  CHECK(begun->Query(device, "a")->state == UploadState::kComplete);
  CHECK(database->QueryInteger("SELECT sum(kept) FROM dump").operator*() == 1);
  CHECK(database->QueryInteger("SELECT occurrences FROM dump_group").operator*() == 1);
  CHECK(*ReadSmallFile(StoredDump(bytes)) == bytes);
  CHECK(Begin("a", bytes, CrashOf("/bin/x")).state == UploadState::kComplete);
}

TEST_CASE_FIXTURE(BegunFixture, "a crash after a plain file became visible: it does so once") {
  const std::string bytes = SomeBytes(kSize);
  CHECK(Upload("a", bytes).state == UploadState::kComplete);
  UndoComplete(*database);
  fs::create_hard_link(dir.path() / "uploads" / "core.zst", partials() / "1");

  Reopen();

  CHECK(begun->Query(device, "a")->state == UploadState::kComplete);
  CHECK(VisibleFiles(dir.path() / "uploads") == std::vector<std::string>{"core.zst"});
  CHECK(Partials().empty());
}

TEST_CASE_FIXTURE(BegunFixture,
                  "a crash before anything was published: the next one completes it") {
  const std::string bytes = SomeBytes(kSize);
  const UploadAnswer begin = Begin("a", bytes);
  const Call call = Open("a", begin.epoch);
  for (std::uint64_t at = 0; at < bytes.size(); at += kGrid) {
    const std::string_view data = std::string_view(bytes).substr(at, kGrid);
    call.segment->Take({.offset = at, .data = data, .crc32c = Crc32c(data), .is_last = false});
  }
  CHECK_FALSE(call.answered());  // All is committed, and the digest is not known yet.

  Reopen();

  CHECK(Begin("a", bytes).state == UploadState::kComplete);
  CHECK(*ReadSmallFile(dir.path() / "uploads" / "core.zst") == bytes);
}

TEST_CASE_FIXTURE(BegunFixture, "files of no upload are removed at the start") {
  Begin("a", SomeBytes(kSize));
  static_cast<void>(dir.Write("uploads/.begun/99", "stray"));
  CHECK(Partials().size() == 2);
  Reopen();
  CHECK(Partials().size() == 1);
}

}  // namespace
}  // namespace edgefeed
