#include "agent/upload/uploader.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/upload/upload_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

const Error kLineBroke{Code::kUnavailable, "connection reset"};

TEST_CASE("a dump is asked about, sent in segments of 16 MiB and delivered when all is there") {
  UploadFixture f;
  f.StartWith(Content(40 * kMiB + 5));
  CHECK(f.net.Take() == Lines{"connect one:1", "begin a"});
  CHECK(f.queue.Take() == Lines{"begin a"});

  f.Answer(f.Incomplete(0));
  for (std::uint64_t committed : {16 * kMiB, 32 * kMiB}) {
    f.net.LetSendAll();
    CHECK(f.net.Take() == Lines{"segment a 7", "half-close"});
    CHECK_FALSE(f.net.chunks.back().is_last);
    CHECK(f.net.TakeBytes() == f.bytes.substr(committed - 16 * kMiB, 16 * kMiB));
    f.Answer(f.Incomplete(committed));
  }
  f.net.LetSendAll();
  CHECK(f.net.Take() == Lines{"segment a 7", "half-close"});
  CHECK(f.net.chunks.front().offset == 32 * kMiB);
  CHECK(f.net.chunks.back().is_last);
  CHECK(f.net.TakeBytes() == f.bytes.substr(32 * kMiB));
  CHECK(f.queue.Take().empty());
  f.Answer(f.Complete());

  CHECK(f.queue.Take() == Lines{"delivered a"});
  CHECK(f.net.Take() == Lines{"close"});
}

TEST_CASE("chunks are as large as the collector takes, up to 256 KiB, and so are segments") {
  UploadFixture f;
  f.StartWith(Content(400'000));
  UploadReport begun = f.Incomplete(0);
  std::uint32_t chunk = 262'144;
  std::uint64_t segment = 400'000;
  SUBCASE("it does not say") { begun.chunk_bytes = 0; }
  SUBCASE("more") { begun.chunk_bytes = 1'000'000; }
  SUBCASE("less") {
    begun.chunk_bytes = chunk = 10'000;
    begun.segment_bytes = segment = 131'072;
  }

  f.Answer(begun);
  f.net.LetSendAll();

  CHECK(f.net.chunks[0].data.size() == chunk);
  CHECK(f.net.chunks[1].offset == chunk);
  CHECK(f.net.TakeBytes() == f.bytes.substr(0, segment));
}

TEST_CASE("what the collector has already is not sent again") {
  UploadFixture f;
  f.StartWith(Content(300'000));

  f.Answer(f.Incomplete(131'072));
  f.net.LetSendAll();

  CHECK(f.net.chunks.front().offset == 131'072);
  CHECK(f.net.TakeBytes() == f.bytes.substr(131'072));
}

TEST_CASE("a dump whose last answer was lost is delivered without a byte sent") {
  UploadFixture f;
  f.StartWith(Content(300'000));
  f.Answer(f.Incomplete(0));
  f.net.LetSendAll();
  f.Answer(kLineBroke);
  REQUIRE(f.WaitForRetry());
  f.net.chunks.clear();
  CHECK(f.queue.Take() == Lines{"begin a", "unreachable a: connection reset", "begin a"});

  f.Answer(f.Complete());

  CHECK(f.net.chunks.empty());
  CHECK(f.queue.Take() == Lines{"delivered a"});
}

TEST_CASE("a collector that has all bytes and has not said so is sent an empty last chunk") {
  UploadFixture f;
  f.StartWith(Content(131'072));

  f.Answer(f.Incomplete(131'072));
  f.net.LetSendAll();

  REQUIRE(f.net.chunks.size() == 1);
  CHECK(f.net.chunks[0].data.empty());
  CHECK(f.net.chunks[0].offset == 131'072);
  CHECK(f.net.chunks[0].is_last);
}

TEST_CASE("only size and digest of the dump make a delivery") {
  UploadFixture f;
  f.StartWith(Content(1000));
  f.Answer(f.Incomplete(0));
  f.net.LetSendAll();
  UploadReport answer = f.Complete();
  SUBCASE("another size") { answer.total_bytes = 999; }
  SUBCASE("another digest") { answer.sha256[5] ^= 1; }
  SUBCASE("no digest") { answer.sha256.clear(); }

  f.Answer(answer);

  CHECK(f.queue.Take() ==
        Lines{"begin a", "failed a: the collector keeps something else: no message"});
}

TEST_CASE("a description is delivered by the first answer, and so is a dump that is not wanted") {
  UploadFixture f;
  f.StartWith("");
  SUBCASE("complete") { f.Answer(UploadReport{.success = true, .state = UploadState::kComplete}); }
  SUBCASE("described") {
    f.Answer(UploadReport{.success = true, .state = UploadState::kDescribed});
  }
  CHECK(f.queue.Take() == Lines{"begin a", "delivered a"});
  f.net.Take();
  f.queue.Arrive("b", "bytes");

  f.Answer(UploadReport{.success = true, .state = UploadState::kDescribed});

  CHECK(f.net.chunks.empty());
  CHECK(f.net.Take() == Lines{"connect one:1", "begin b", "close"});
  CHECK(f.queue.Take() == Lines{"begin b", "delivered b"});
}

TEST_CASE("dumps go one after the other over one connection") {
  UploadFixture f;
  f.queue.Arrive("b", "");
  f.StartWith("");

  f.Answer(f.Complete());
  f.Answer(f.Complete());

  CHECK(f.net.Take() == Lines{"connect one:1", "begin b", "begin a", "close"});
}

}  // namespace
}  // namespace edgefeed
