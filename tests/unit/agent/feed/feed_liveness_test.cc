#include <doctest/doctest.h>

#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = FeedFixture::Lines;

TEST_CASE_FIXTURE(FeedFixture, "a quiet collector is asked for a sign of life after 15 s") {
  auto& call = StartAnswered();
  scheduler.Advance(14'999ms);
  CHECK(call.sent.empty());
  scheduler.Advance(1ms);
  CHECK(call.sent == Lines{"ping"});
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that answers each ping is kept for ever") {
  auto& call = StartAnswered();
  for (std::size_t pings = 1; pings <= 100; ++pings) {
    scheduler.Advance(15s);
    REQUIRE(call.sent.size() == pings);
    call.LetSend();
    call.Acknowledge(0);
  }
  CHECK(net.calls().size() == 1);
  CHECK(call.open());
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that gives signs of life by itself is not asked") {
  auto& call = StartAnswered();
  for (int i = 0; i < 10; ++i) {
    scheduler.Advance(10s);
    i % 2 == 0 ? call.Acknowledge(0) : call.events->OnAlert({});
  }
  CHECK(call.sent.empty());
}

TEST_CASE_FIXTURE(FeedFixture, "a collector without any sign of life is given up after 25 s") {
  auto& call = StartAnswered();
  scheduler.Advance(15s);
  call.LetSend();
  scheduler.Advance(9999ms);
  CHECK(call.open());
  scheduler.Advance(1ms);
  CHECK_FALSE(call.open());
  CHECK_FALSE(feed.connected());
  CHECK(log.Take().back() ==
        "warning lost collector collector:50051: no sign of life for 25s (DEADLINE_EXCEEDED); "
        "samples are kept and it is tried again");
}

TEST_CASE_FIXTURE(FeedFixture, "samples that leave are no sign of life, only what comes back is") {
  auto& call = StartAnswered();
  for (int i = 0; i < 25; ++i) {
    CHECK(call.open());
    Sample();
    call.LetSendAll();
    scheduler.Advance(1s);
  }
  CHECK_FALSE(call.open());
  CHECK(outbox.counts().queued == 25);
}

TEST_CASE_FIXTURE(FeedFixture,
                  "a payload that does not leave is noticed within 25 s, without a ping") {
  auto& call = StartAnswered();
  Sample();
  scheduler.Advance(25s);
  CHECK_FALSE(call.open());
  CHECK(call.sent == Lines{"full 1"});
}

TEST_CASE_FIXTURE(FeedFixture,
                  "an original server shows no signs of life and is not asked for any") {
  Sample();
  auto& call = StartOriginal();
  call.LetSend();
  scheduler.Advance(1h);
  CHECK(call.open());
  CHECK(call.sent == Lines{"original 1"});
}

TEST_CASE_FIXTURE(FeedFixture,
                  "an original server that takes nothing more is noticed within 25 s") {
  Sample();
  auto& call = StartOriginal();
  call.LetSend();
  scheduler.Advance(1h);
  Sample();
  scheduler.Advance(24'999ms);
  CHECK(call.open());
  scheduler.Advance(1ms);
  CHECK_FALSE(call.open());
}

TEST_CASE_FIXTURE(FeedFixture, "a connection that carries nothing within 20 s is given up") {
  Sample();
  feed.Start();
  auto& call = net.last();
  scheduler.Advance(19'999ms);
  CHECK(call.open());
  scheduler.Advance(1ms);
  CHECK_FALSE(call.open());
  CHECK(feed.connects() == 0);
  CHECK(log.Take() == Lines{"warning lost collector collector:50051: no connection within 20s "
                            "(DEADLINE_EXCEEDED); samples are kept and it is tried again"});
}

TEST_CASE_FIXTURE(FeedFixture, "a ping that is under way does not count as a sample") {
  auto& call = StartAnswered();
  Sample();
  call.LetSendAll();
  scheduler.Advance(15s);
  REQUIRE(call.sent.back() == "ping");
  Sample();
  CHECK(call.sent.size() == 2);  // One at a time.
  call.LetSendAll();
  CHECK(call.sent.back() == "full 2");
  call.Acknowledge(2);
  CHECK(outbox.counts().acknowledged == 2);
}

}  // namespace
}  // namespace edgefeed
