#include "collector/uploads/upload_session.h"

#include <doctest/doctest.h>

#include "common/base/file.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/uploads/upload_directory.h"

namespace edgefeed {
namespace {

using Names = std::vector<std::string>;
using Chunk = UploadSession::Chunk;

class SessionFixture {
 public:
  explicit SessionFixture(const UploadLimits& limits = {})
      : store(*UploadStore::Open(dir.path(), limits)),
        session(std::in_place, *store, std::string(), stats) {}

  // The message of the error that the chunk is refused with.
  std::string WhyNot(const Chunk& chunk) {
    const auto result = session->Take(chunk);
    REQUIRE_FALSE(result);
    code = result.error().code;
    return result.error().message;
  }
  void Send(const Chunk& chunk) {
    const auto result = session->Take(chunk);
    REQUIRE(result);
    CHECK_FALSE(*result);
  }
  void CheckNothingIsLeft() {
    session.reset();
    CHECK(VisibleFiles(dir.path()).empty());
    CHECK(PartialFiles(dir.path()) == 0);
    CHECK(store->used() == Bytes{0});
    CHECK(stats.uploads_failed == 1);
    CHECK(stats.uploads_completed == 0);
  }

  const TempDir dir;
  CollectorStats stats;
  std::unique_ptr<UploadStore> store;
  std::optional<UploadSession> session;
  Code code = Code::kUnknown;
};

TEST_CASE_FIXTURE(SessionFixture, "chunks in order make a file") {
  Send({.filename = "a", .data = "one ", .index = 0});
  Send({.filename = "a", .data = "two ", .index = 1});
  CHECK(VisibleFiles(dir.path()).empty());
  CHECK_FALSE(session->done());

  const auto stored =
      session->Take({.filename = "a", .data = "three", .index = 2, .is_last = true});

  REQUIRE(stored);
  REQUIRE(*stored);
  CHECK((*stored)->filename == "a");
  CHECK((*stored)->path == dir.path() / "a");
  CHECK((*stored)->size == Bytes{13});
  CHECK((*stored)->chunks == 3);
  CHECK(session->done());
  CHECK(*ReadSmallFile(dir.path() / "a") == "one two three");
  session.reset();
  CHECK(VisibleFiles(dir.path()) == Names{"a"});
  CHECK(stats.uploads_completed == 1);
  CHECK(stats.uploads_failed == 0);
  CHECK(stats.upload_bytes == 13);
}

TEST_CASE_FIXTURE(SessionFixture, "an empty file is one empty last chunk") {
  const auto stored = session->Take({.filename = "empty", .data = "", .index = 0, .is_last = true});
  REQUIRE(stored);
  REQUIRE(*stored);
  CHECK((*stored)->size == Bytes{0});
  CHECK((*stored)->chunks == 1);
  CHECK(std::filesystem::file_size(dir.path() / "empty") == 0);
}

TEST_CASE_FIXTURE(SessionFixture, "later chunks need not repeat the name") {
  Send({.filename = "a", .data = "x", .index = 0});
  CHECK(session->Take({.filename = "", .data = "y", .index = 1, .is_last = true}));
  CHECK(VisibleFiles(dir.path()) == Names{"a"});
}

TEST_CASE_FIXTURE(SessionFixture, "a name that was stored already says where the new file went") {
  for (const char* expected : {"a", "a.~1~"}) {
    session.emplace(*store, std::string(), stats);
    const auto stored = session->Take({.filename = "a", .index = 0, .is_last = true});
    REQUIRE(stored);
    CHECK((*stored)->filename == "a");
    CHECK((*stored)->path.filename() == expected);
  }
}

TEST_CASE_FIXTURE(SessionFixture, "a gap, a repetition and a late start name file and chunk") {
  SUBCASE("a late start") {
    CHECK(WhyNot({.filename = "a", .data = "x", .index = 3}) ==
          "upload a: chunk 3 came where chunk 0 was due");
  }
  SUBCASE("a gap") {
    Send({.filename = "a", .data = "x", .index = 0});
    CHECK(WhyNot({.filename = "a", .data = "x", .index = 2}) ==
          "upload a: chunk 2 came where chunk 1 was due");
  }
  SUBCASE("a repetition") {
    Send({.filename = "a", .data = "x", .index = 0});
    Send({.filename = "a", .data = "x", .index = 1});
    CHECK(WhyNot({.filename = "a", .data = "x", .index = 1, .is_last = true}) ==
          "upload a: chunk 1 came where chunk 2 was due");
  }
  CHECK(code == Code::kInvalidArgument);
  CheckNothingIsLeft();
}

TEST_CASE_FIXTURE(SessionFixture, "a second name is refused, naming both and the chunk") {
  Send({.filename = "a", .data = "x", .index = 0});
  CHECK(WhyNot({.filename = "b", .data = "x", .index = 1, .is_last = true}) ==
        "chunk 1 of upload a is of another file, 'b'");
  CHECK(code == Code::kInvalidArgument);
  CheckNothingIsLeft();
}

TEST_CASE_FIXTURE(SessionFixture, "a bad name is refused before anything is written") {
  CHECK(WhyNot({.filename = "../../etc/cron.d/x", .data = "x", .index = 0, .is_last = true}) ==
        "filename '../../etc/cron.d/x' starts with a dot");
  CHECK(code == Code::kInvalidArgument);
  CheckNothingIsLeft();
}

TEST_CASE("a file over the limit names file and chunk") {
  SessionFixture world({.max_file_size = Bytes{10}});
  world.Send({.filename = "a", .data = "12345", .index = 0});
  CHECK(world.WhyNot({.filename = "a", .data = "123456", .index = 1, .is_last = true}) ==
        "upload a, chunk 1: larger than 10 B (uploads.max_file_size of the collector)");
  CHECK(world.code == Code::kResourceExhausted);
  world.CheckNothingIsLeft();
}

TEST_CASE("a file over the quota names file and chunk") {
  SessionFixture world({.quota = Bytes{10}});
  CHECK(world.WhyNot({.filename = "a", .data = "12345678901", .index = 0}) ==
        "upload a, chunk 0: the collector's 10 B for uploads are used up (uploads.quota)");
  CHECK(world.code == Code::kResourceExhausted);
  world.CheckNothingIsLeft();
}

TEST_CASE_FIXTURE(SessionFixture, "a stream that ends early names file and chunk") {
  SUBCASE("before the first chunk") {
    CHECK(session->EndedEarly() == Error{Code::kInvalidArgument,
                                         "upload without a name ended before chunk 0, without "
                                         "is_last"});
  }
  SUBCASE("later") {
    Send({.filename = "a", .data = "x", .index = 0});
    Send({.filename = "a", .data = "x", .index = 1});
    CHECK(session->EndedEarly() ==
          Error{Code::kInvalidArgument, "upload a ended before chunk 2, without is_last"});
  }
  CheckNothingIsLeft();
}

TEST_CASE_FIXTURE(SessionFixture, "a client that goes away is logged with file and chunk") {
  Send({.filename = "large_file.bin", .data = "x", .index = 0});
  CHECK(session->Disconnected() ==
        Error{Code::kCancelled, "client disconnected during chunk 1 of upload large_file.bin"});
  CheckNothingIsLeft();
}

}  // namespace
}  // namespace edgefeed
