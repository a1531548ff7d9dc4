// What the feed tells of itself: connected, or why not.
#include <doctest/doctest.h>

#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE_FIXTURE(FeedFixture, "a feed that has begun is offline since then, and tries") {
  const SteadyTime start = scheduler.Now();
  feed.Start();
  scheduler.Advance(1s);
  const FeedStatus status = feed.status();
  CHECK_FALSE(status.connected);
  CHECK(status.collector == Endpoint{"collector", 50051});
  CHECK(status.since == start);
  CHECK(status.attempts == 1);
  CHECK_FALSE(status.last_failure);
  CHECK_FALSE(status.next_attempt);
}

TEST_CASE_FIXTURE(FeedFixture, "without a collector it knows why, since when and when it tries") {
  const SteadyTime start = scheduler.Now();
  feed.Start();
  for (int i = 0; i < 3; ++i) {
    WaitForConnection();
    net.last().Close({Code::kUnavailable, "try " + std::to_string(i)},
                     i == 0 ? Trouble::kDns : Trouble::kTls);
  }
  FeedStatus status = feed.status();
  CHECK_FALSE(status.connected);
  CHECK(status.since == start);
  CHECK(status.attempts == 3);
  REQUIRE(status.last_failure);
  CHECK(status.last_failure->trouble == Trouble::kTls);
  CHECK(status.last_failure->why == Error{Code::kUnavailable, "try 2"});
  REQUIRE(status.next_attempt);
  const SteadyTime next = *status.next_attempt;
  WaitForConnection();
  CHECK(next <= scheduler.Now());
  status = feed.status();
  CHECK(status.attempts == 4);
  CHECK_FALSE(status.next_attempt);
  CHECK(status.last_failure);
}

TEST_CASE_FIXTURE(FeedFixture, "a connection that took samples ends the time offline") {
  feed.Start();
  scheduler.Advance(10s);
  const SteadyTime connected = scheduler.Now();
  Answer();
  net.last().Welcome();
  CHECK(feed.status().connected);
  CHECK(feed.status().since == connected);
  CHECK(feed.status().attempts == 0);
  CHECK_FALSE(feed.status().last_failure);

  Sample();
  net.last().LetSendAll();
  net.last().Store(1, 1);
  scheduler.Advance(5s);
  const SteadyTime lost = scheduler.Now();
  net.last().Close(Lost());
  CHECK(feed.status().since == lost);
  CHECK(feed.status().attempts == 0);
  REQUIRE(feed.status().last_failure);
  CHECK(feed.status().last_failure->why == Lost());
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that lets in and takes nothing leaves it offline") {
  const SteadyTime start = scheduler.Now();
  StartAnswered();
  for (int i = 0; i < 5; ++i) Reconnect({Code::kResourceExhausted, "knows 1 devices"});
  net.last().Close({Code::kResourceExhausted, "knows 1 devices"}, Trouble::kRefused);
  const FeedStatus status = feed.status();
  CHECK(status.since == start);
  CHECK(status.attempts == 6);
  CHECK(status.last_failure->trouble == Trouble::kRefused);
}

TEST_CASE_FIXTURE(FeedFixture, "what is not even connected after a while is tcp") {
  feed.Start();
  net.last().established = false;
  while (!feed.status().last_failure) scheduler.Advance(1s);
  CHECK(feed.status().last_failure->trouble == Trouble::kTcp);
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that says nothing any more is silent") {
  StartAnswered();
  net.last().Welcome();
  scheduler.Advance(60s);
  CHECK(feed.status().last_failure->trouble == Trouble::kSilent);
}

TEST_CASE("a feed that takes over from another has been offline as long") {
  const SteadyTime before = SteadyTime() - 1h;
  FeedConfig config;
  config.collectors = {{"collector", 50051}};
  config.offline_since = before;
  FeedFixture next(config);
  next.feed.Start();
  CHECK(next.feed.status().since == before);
}

}  // namespace
}  // namespace edgefeed
