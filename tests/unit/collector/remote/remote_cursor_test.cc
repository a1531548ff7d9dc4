#include "collector/remote/remote_cursor.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"

namespace edgefeed {
namespace {

TEST_CASE("a cursor is there again after it was saved") {
  const TempDir directory;
  const auto below = directory.path() / "remote_write";
  REQUIRE(RemoteCursor::Prepare(below, {"vm:8428"}));
  const RemoteCursor cursor(below, "vm:8428");
  CHECK_FALSE(cursor.Load());
  REQUIRE(cursor.Save(17592186044417));
  CHECK(cursor.Load() == 17592186044417);
  REQUIRE(cursor.Save(17592186044418));
  REQUIRE(RemoteCursor::Prepare(below, {"vm:8428"}));
  CHECK(RemoteCursor(below, "vm:8428").Load() == 17592186044418);
}

TEST_CASE("a damaged cursor is none, and said to be") {
  const TempDir directory;
  for (const char* text :
       {"", "edgefeed-cursor 1 ", "edgefeed-cursor 2 7\n", "edgefeed-cursor 1 x"}) {
    LogCapture log;
    static_cast<void>(directory.Write("vm.cursor", text));
    CHECK_FALSE(RemoteCursor(directory.path(), "vm").Load());
    CHECK(log.Take().size() == 1);
  }
}

TEST_CASE("a store that is not wanted any more leaves nothing behind") {
  LogCapture log;
  const TempDir directory;
  REQUIRE(RemoteCursor(directory.path(), "old").Save(1));
  REQUIRE(RemoteCursor(directory.path(), "new").Save(2));
  REQUIRE(RemoteCursor::Prepare(directory.path(), {"new"}));
  CHECK_FALSE(std::filesystem::exists(directory.path() / "old.cursor"));
  CHECK(RemoteCursor(directory.path(), "new").Load() == 2);
}

TEST_CASE("nothing is made where nothing is wanted") {
  const TempDir directory;
  REQUIRE(RemoteCursor::Prepare(directory.path() / "remote_write", {}));
  CHECK_FALSE(std::filesystem::exists(directory.path() / "remote_write"));
}

}  // namespace
}  // namespace edgefeed
