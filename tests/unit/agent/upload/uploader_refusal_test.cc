// What goes wrong with an upload, and what becomes of it.

#include <doctest/doctest.h>

#include "tests/support/log_capture.h"
#include "tests/unit/agent/upload/upload_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kGrid = 65'536;
const Error kLineBroke{Code::kUnavailable, "connection reset"};

// In the middle of a segment that began at 10 × 64 KiB of 20.
struct MidSegment : UploadFixture {
  explicit MidSegment(UploadConfig config = {}) : UploadFixture(std::move(config)) {
    StartWith(Content(20 * kGrid));
    Answer(Incomplete(10 * kGrid));
    net.LetSend();
    net.Take();
    net.chunks.clear();
    queue.Take();
  }
};

TEST_CASE("a chunk in the wrong place or damaged: it goes on where the collector says") {
  for (const auto refusal : {UploadRefusal::kOffset, UploadRefusal::kCrc}) {
    for (const std::uint64_t place : {0 * kGrid, 4 * kGrid, 11 * kGrid, 15 * kGrid}) {
      CAPTURE(place);
      MidSegment f;

      f.Answer(f.Refused(refusal, place));
      f.net.LetSendAll();

      CHECK(f.net.Take() == Lines{"segment a 7", "half-close"});
      CHECK(f.net.chunks.front().offset == place);
      CHECK(f.net.TakeBytes() == f.bytes.substr(place));
      f.Answer(f.Complete());
      CHECK(f.queue.Take() == Lines{"delivered a"});
    }
  }
}

TEST_CASE("a collector that never gets further is asked again later, not for ever now") {
  MidSegment f;
  int segments = 0;
  for (; f.net.calling; ++segments) f.Answer(f.Refused(UploadRefusal::kCrc, 10 * kGrid));

  CHECK(segments >= 2);
  CHECK(segments <= 8);
  CHECK(f.queue.Take() == Lines{"failed a: gets no further than 655360 bytes: because"});
  f.net.Take();
  REQUIRE(f.WaitForRetry());
  CHECK(f.net.Take() == Lines{"connect two:2", "begin a"});
}

TEST_CASE("an upload that the collector ended, or does not know any more, is begun again") {
  for (const auto refusal : {UploadRefusal::kSuperseded, UploadRefusal::kUnknown}) {
    MidSegment f;

    f.Answer(f.Refused(refusal));
    UploadReport begun = f.Incomplete(2 * kGrid);
    begun.epoch = 8;
    f.Answer(begun);

    CHECK(f.net.Take() == Lines{"begin a", "segment a 8"});
    CHECK(f.net.chunks.front().offset == 2 * kGrid);
    CHECK(f.queue.Take().empty());
  }
}

TEST_CASE("a dump that the collector will never take is rejected, and the next one goes") {
  for (const auto refusal :
       {UploadRefusal::kTooLarge, UploadRefusal::kConflict, UploadRefusal::kInvalid}) {
    UploadFixture f;
    f.StartWith("bytes");
    f.queue.Arrive("b", "");
    f.net.Take();

    f.Answer(f.Refused(refusal));

    CHECK(f.queue.Take() == Lines{"begin a", "rejected a: because", "begin b"});
    CHECK(f.net.Take() == Lines{"begin b"});
    CHECK(f.net.chunks.empty());
  }
}

TEST_CASE("a dump that arrived with another digest has failed, and is sent again later") {
  MidSegment f;

  f.Answer(f.Refused(UploadRefusal::kDigest));

  CHECK(f.queue.Take() == Lines{"failed a: because"});
  f.net.Take();
  REQUIRE(f.WaitForRetry());
  CHECK(f.net.Take() == Lines{"connect two:2", "begin a"});
}

TEST_CASE("without room, dumps wait as long as the collector says, and descriptions go on") {
  for (const auto refusal : {UploadRefusal::kQuota, UploadRefusal::kStorage}) {
    UploadFixture f;
    f.StartWith("bytes");
    UploadReport full = f.Refused(refusal);
    full.retry_after = 2h;

    f.Answer(full);
    CHECK(f.queue.Take() == Lines{"begin a", "unreachable a: because"});
    f.queue.Arrive("b", "");
    f.Answer(f.Complete());
    CHECK(f.queue.Take() == Lines{"begin b", "delivered b"});
    f.scheduler.Advance(2h - 1ms);
    CHECK(f.queue.Take().empty());
    f.scheduler.Advance(1s + 1ms);  // And what it would have waited anyway.

    CHECK(f.queue.Take() == Lines{"begin a"});
  }
}

TEST_CASE("no collector makes a dump wait longer than a day") {
  UploadFixture f;
  f.StartWith("bytes");
  UploadReport full = f.Refused(UploadRefusal::kQuota);
  full.retry_after = 24h * 365;
  f.Answer(full);
  f.queue.Take();

  f.scheduler.Advance(24h + 1s);

  CHECK(f.queue.Take() == Lines{"begin a"});
}

TEST_CASE("a collector that has no place for the call is asked again when it says, not sooner") {
  const Error busy{Code::kResourceExhausted, "8 uploads open already", 40s};
  UploadFixture f;
  f.StartWith("bytes");
  f.Answer(busy);
  CHECK(f.queue.Take() == Lines{"begin a", "unreachable a: 8 uploads open already"});
  f.net.Take();
  f.scheduler.Advance(40s - 1ms);
  CHECK(f.net.Take().empty());
  f.scheduler.Advance(1s + 1ms);
  CHECK(f.net.Take() == Lines{"connect two:2", "begin a"});
}

TEST_CASE("an answer that says nothing, and more bytes than there are, are failures") {
  UploadFixture f;
  f.StartWith("bytes");
  SUBCASE("nothing") {
    f.Answer(UploadReport{});
    CHECK(f.queue.Take() == Lines{"begin a", "failed a: an answer that says nothing"});
  }
  SUBCASE("a refusal that we do not know") {
    // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): a later collector's.
    f.Answer(f.Refused(static_cast<UploadRefusal>(99)));
    CHECK(f.queue.Take() == Lines{"begin a", "failed a: because"});
  }
  SUBCASE("more bytes") {
    UploadReport answer = f.Incomplete(5);
    answer.committed_bytes = 65'536;
    f.Answer(answer);
    CHECK(f.queue.Take() ==
          Lines{"begin a", "failed a: the collector has more bytes than there are"});
  }
}

TEST_CASE("what a status says about the dump, and what about the line") {
  for (const Code code :
       {Code::kUnavailable, Code::kDeadlineExceeded, Code::kCancelled, Code::kResourceExhausted,
        Code::kUnauthenticated, Code::kPermissionDenied}) {
    UploadFixture f;
    f.StartWith("bytes");
    f.Answer(Error{code, "why"});
    CHECK(f.queue.Take() == Lines{"begin a", "unreachable a: why"});
  }
  for (const Code code : {Code::kInternal, Code::kUnknown, Code::kInvalidArgument,
                          Code::kFailedPrecondition, Code::kDataLoss}) {
    UploadFixture f;
    f.StartWith("bytes");
    f.Answer(Error{code, "why"});
    CHECK(f.queue.Take() == Lines{"begin a", "failed a: why"});
  }
}

TEST_CASE("bytes of another dump at the collector are thrown away, once in an attempt") {
  UploadFixture f;
  f.StartWith(Content(20 * kGrid));
  UploadReport wrong = f.Incomplete(10 * kGrid);
  wrong.committed_crc32c ^= 1;
  f.net.Take();

  f.Answer(wrong);
  CHECK(f.net.Take() == Lines{"abort a"});
  f.Answer(UploadReport{.success = true});
  CHECK(f.net.Take() == Lines{"begin a"});
  SUBCASE("then it goes from the start") {
    f.Answer(f.Incomplete(0));
    f.net.LetSendAll();
    CHECK(f.net.TakeBytes() == f.bytes);
  }
  SUBCASE("if they are back it has failed") {
    f.Answer(wrong);
    CHECK(f.queue.Take() == Lines{"begin a", "failed a: the collector has other bytes, again"});
  }
  CHECK(f.net.chunks.empty());
}

TEST_CASE("what the collector has of a segment is checked, too") {
  UploadFixture f;
  f.StartWith(Content(17 * kMiB));
  f.Answer(f.Incomplete(0));
  f.net.LetSendAll();
  UploadReport wrong = f.Incomplete(16 * kMiB);
  wrong.committed_crc32c ^= 1;
  f.net.Take();

  f.Answer(wrong);

  CHECK(f.net.Take() == Lines{"abort a"});
}

TEST_CASE("a dump that cannot be read has failed, and one that cannot be counted waits") {
  UploadFixture f;
  SUBCASE("read") {
    f.StartWith("bytes");
    f.queue.reading = Error{Code::kInternal, "a: Input/output error"};
    f.Answer(f.Incomplete(0));
    CHECK(f.queue.Take() == Lines{"begin a", "failed a: a: Input/output error"});
  }
  SUBCASE("count") {
    f.queue.counting = Error{Code::kInternal, "a: No space left on device"};
    f.StartWith("bytes");
    CHECK(f.net.Take().empty());
    f.queue.counting = {};
  }
  f.queue.reading = {};
  REQUIRE(f.WaitForRetry());
  CHECK(f.queue.Take() == Lines{"begin a"});
}

TEST_CASE("addresses are tried in turn, and a lasting trouble is logged once") {
  LogCapture log;
  UploadFixture f;
  f.StartWith("bytes");
  for (int i = 0; i < 3; ++i) {
    f.Answer(kLineBroke);
    REQUIRE(f.WaitForRetry());
  }

  CHECK(f.net.Take() == Lines{"connect one:1", "begin a", "close", "connect two:2", "begin a",
                              "close", "connect one:1", "begin a", "close", "connect two:2",
                              "begin a"});
  CHECK(log.Take().size() == 1);
}

// How long until the next attempt, to 200 ms, when the line breaks now.
std::chrono::milliseconds WaitAfterLoss(UploadFixture& f) {
  f.Answer(kLineBroke);
  f.queue.Take();
  std::chrono::milliseconds waited{0};
  for (; f.queue.events.empty() && waited <= 15min; waited += 200ms) f.scheduler.Advance(200ms);
  return waited;
}

TEST_CASE("waits double up to a quarter of an hour, and start anew when something has arrived") {
  std::chrono::milliseconds long_wait{0};
  std::chrono::milliseconds wait_after_progress{0};
  std::chrono::milliseconds wait_without{0};
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    for (const bool progress : {true, false}) {
      UploadFixture f({.seed = seed});
      f.StartWith(Content(5 * kGrid));
      f.Answer(f.Incomplete(kGrid));
      for (int i = 0; i < 11; ++i) {
        long_wait = std::max(long_wait, WaitAfterLoss(f));
      }
      f.Answer(f.Incomplete(progress ? 2 * kGrid : kGrid));
      auto& wait = progress ? wait_after_progress : wait_without;
      wait = std::max(wait, WaitAfterLoss(f));
    }
  }
  CHECK(long_wait > 10min);
  CHECK(long_wait <= 15min + 200ms);
  CHECK(wait_after_progress <= 1200ms);
  CHECK(wait_without > 10min);
}

TEST_CASE("a collector that does not answer is given up, and the dump goes on") {
  UploadFixture f;
  f.StartWith(Content(kGrid));
  SUBCASE("to the question") {
    f.scheduler.Advance(30s);
    CHECK(f.queue.Take() == Lines{"begin a", "unreachable a: no answer within 30s"});
  }
  SUBCASE("to a segment, for which it has time by its length") {
    f.Answer(f.Incomplete(0));
    f.net.LetSendAll();
    f.scheduler.Advance(33s);
    CHECK(f.queue.Take() == Lines{"begin a"});
    f.scheduler.Advance(1s);
    CHECK(f.queue.Take() == Lines{"unreachable a: no answer within 34s"});
  }
  SUBCASE("or does not take a chunk") {
    f.Answer(f.Incomplete(0));
    f.scheduler.Advance(46s);
    CHECK(f.queue.Take() == Lines{"begin a", "unreachable a: a chunk did not leave within 46s"});
  }
  CHECK(f.net.said.back() == "close");
  f.net.Take();
  REQUIRE(f.WaitForRetry());
  CHECK(f.net.Take() == Lines{"connect two:2", "begin a"});
}

TEST_CASE("a stop in any state ends at once, and the dump counts as not reached") {
  UploadFixture f;
  f.StartWith(Content(20 * kGrid));
  SUBCASE("asked") {}
  SUBCASE("sending") { f.Answer(f.Incomplete(0)); }
  SUBCASE("between two segments") {
    f.Answer(f.Incomplete(0));
    f.uploader.Pause();
    f.net.LetSendAll();
    f.Answer(f.Incomplete(kGrid));
  }

  f.uploader.Stop();

  CHECK(f.net.said.back() == "close");
  CHECK(f.queue.Take() == Lines{"begin a", "unreachable a: the agent stops"});
  f.queue.Arrive("b", "");
  f.scheduler.Advance(24h);
  CHECK(f.queue.Take().empty());
}

TEST_CASE("a stop while it waits changes nothing") {
  UploadFixture f;
  f.StartWith("bytes");
  f.Answer(kLineBroke);
  f.queue.Take();

  f.uploader.Stop();
  f.scheduler.Advance(24h);

  CHECK(f.queue.Take().empty());
}

TEST_CASE("a queue that outlives a stopped uploader does not call it") {
  ManualScheduler scheduler;
  FakeUploadTransport net;
  FakeDumpQueue queue;
  {
    Uploader uploader(UploadFixture::WithCollectors({}), scheduler, net, queue);
    uploader.Start();
    uploader.Stop();
  }

  queue.Arrive("a", "bytes");  // AddressSanitizer would see it.

  CHECK(queue.events.empty());
}

}  // namespace
}  // namespace edgefeed
