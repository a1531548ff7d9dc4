#include <doctest/doctest.h>

#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = FeedFixture::Lines;

TEST_CASE_FIXTURE(FeedFixture, "a quiet collector is asked for a sign of life after 15 s") {
  auto& call = StartAnswered();
  scheduler.Advance(14'999ms);
  CHECK(call.sent == Lines{"hello"});
  scheduler.Advance(1ms);
  CHECK(call.sent == Lines{"hello", "ping"});
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that answers each ping is kept for ever") {
  auto& call = StartAnswered();
  for (std::size_t pings = 1; pings <= 100; ++pings) {
    scheduler.Advance(15s);
    REQUIRE(call.sent.size() == 1 + pings);
    call.LetSend();
    call.Reply({});
  }
  CHECK(net.calls().size() == 1);
  CHECK(call.open());
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that gives signs of life by itself is not asked") {
  auto& call = StartAnswered();
  for (int i = 0; i < 10; ++i) {
    scheduler.Advance(10s);
    i % 2 == 0 ? call.Reply({}) : call.Reply({.alert = Alert{}});
  }
  CHECK(call.sent == Lines{"hello"});
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
  CHECK(queue.held() == 25);
}

TEST_CASE_FIXTURE(FeedFixture,
                  "a payload that does not leave is noticed within 25 s, without a ping") {
  auto& call = StartAnswered();
  Sample();
  scheduler.Advance(25s);
  CHECK_FALSE(call.open());
  CHECK(call.sent == Lines{"hello", "live 2:1"});
}

TEST_CASE_FIXTURE(FeedFixture,
                  "an original server shows no signs of life and is not asked for any") {
  Sample();
  auto& call = StartOriginal();
  call.LetSend();
  scheduler.Advance(1h);
  CHECK(call.open());
  CHECK(call.sent == Lines{"original 2:1"});
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
  CHECK(call.sent.back() == "ping");  // One at a time.
  call.LetSendAll();
  CHECK(call.sent.back() == "live 2:2");
  call.Store(2, 2);
  CHECK(queue.held() == 0);
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that is alive but stores nothing is given up") {
  auto& call = StartAnswered();
  scheduler.Advance(7s);
  Sample();
  call.LetSendAll();
  for (int i = 0; i < 29; ++i) {
    scheduler.Advance(1s);
    call.Reply({});
  }
  scheduler.Advance(999ms);
  CHECK(call.open());
  scheduler.Advance(1ms);
  CHECK_FALSE(call.open());
  CHECK(log.Take().back().starts_with(
      "warning lost collector collector:50051: no acknowledgement for 30s (DEADLINE_EXCEEDED)"));
}

TEST_CASE_FIXTURE(FeedFixture, "each acknowledgement gives the rest another 30 s") {
  auto& call = StartAnswered();
  Sample(10);
  call.LetSendAll();
  for (std::uint64_t i = 1; i <= 9; ++i) {
    scheduler.Advance(24s);
    call.Store(2, i);
  }
  CHECK(call.open());
  call.Store(2, 10);
  for (int i = 0; i < 10; ++i) {
    scheduler.Advance(10s);
    call.Reply({});
  }
  CHECK(call.open());
}

}  // namespace
}  // namespace edgefeed
