// An upload to a collector of the original contract.

#include <doctest/doctest.h>

#include "tests/unit/agent/upload/upload_fixture.h"

namespace edgefeed {
namespace {

const Error kUnimplemented{Code::kUnimplemented, "unknown method BeginUpload"};

TEST_CASE("an original collector gets the whole file in one call, however long") {
  UploadFixture f;
  f.StartWith(Content(40 * kMiB + 5));
  f.Answer(kUnimplemented);
  f.net.LetSendAll();
  CHECK(f.net.Take() == Lines{"connect one:1", "begin a", "whole a", "half-close"});
  CHECK(f.net.chunks.front().data.size() == 65'536);
  CHECK(f.net.chunks.back().is_last);
  CHECK(f.net.TakeBytes() == f.bytes);
  CHECK(f.queue.Take() == Lines{"begin a"});

  f.Answer(UploadReport{.total_bytes = f.bytes.size(), .success = true});

  CHECK(f.queue.Take() == Lines{"delivered a"});
}

TEST_CASE("a file that broke off starts from its beginning again, never with its tail") {
  UploadFixture f;
  f.StartWith(Content(4 * kMiB));
  f.Answer(kUnimplemented);
  f.net.LetSend();
  f.Answer(Error{Code::kUnavailable, "connection reset"});
  f.net.TakeBytes();
  REQUIRE(f.WaitForRetry());

  f.Answer(kUnimplemented);
  f.net.LetSendAll();

  CHECK(f.net.chunks.front().offset == 0);
  CHECK(f.net.TakeBytes() == f.bytes);
}

TEST_CASE("an original collector that kept less, or refused, is no delivery") {
  UploadFixture f;
  f.StartWith("bytes");
  f.Answer(kUnimplemented);
  f.net.LetSendAll();
  SUBCASE("less") {
    f.Answer(UploadReport{.total_bytes = 4, .success = true});
    CHECK(f.queue.Take() ==
          Lines{"begin a", "failed a: an original collector kept 4 of 5 bytes: no message"});
  }
  SUBCASE("no success") {
    f.Answer(UploadReport{.total_bytes = 5, .success = false, .message = "full"});
    CHECK(f.queue.Take() ==
          Lines{"begin a", "failed a: an original collector kept 5 of 5 bytes: full"});
  }
  SUBCASE("too large, perhaps") {
    f.Answer(Error{Code::kResourceExhausted, "too large"});
    CHECK(f.queue.Take() == Lines{"begin a", "failed a: too large"});
  }
}

TEST_CASE("an original collector takes no descriptions") {
  UploadFixture f;
  f.StartWith("");

  f.Answer(kUnimplemented);

  CHECK(f.queue.Take() ==
        Lines{"begin a", "rejected a: an original collector takes no descriptions"});
}

TEST_CASE("a collector is asked for each dump anew: it may have become a newer one") {
  UploadFixture f;
  f.queue.Arrive("b", "other");
  f.StartWith("bytes");
  f.Answer(kUnimplemented);
  f.net.LetSendAll();
  f.Answer(UploadReport{.total_bytes = 5, .success = true});

  CHECK(f.net.Take() == Lines{"connect one:1", "begin b", "whole b", "half-close", "begin a"});
}

TEST_CASE("a collector that has once answered is never taken for an original one") {
  UploadFixture f;
  f.StartWith("");
  f.Answer(f.Complete());
  f.queue.Arrive("b", "bytes");
  f.queue.Take();

  f.Answer(kUnimplemented);

  CHECK(f.queue.Take() == Lines{"unreachable b: unknown method BeginUpload"});
  CHECK(f.net.chunks.empty());
}

}  // namespace
}  // namespace edgefeed
