#include <doctest/doctest.h>

#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = FeedFixture::Lines;

const Error kEnded{Code::kUnavailable, "the collector ended the feed"};

TEST_CASE_FIXTURE(FeedFixture,
                  "a feed that is renewed ends its connection, and has the next at once") {
  auto& old_call = StartAnswered();
  old_call.Welcome();
  Sample();
  old_call.LetSendAll();
  (void)log.Take();

  feed.Renew();
  CHECK(old_call.half_closed);
  CHECK(net.calls().size() == 1);
  Sample();  // For the next one.
  old_call.Store(2, 1);
  old_call.Close(kEnded, Trouble::kRefused);

  REQUIRE(net.calls().size() == 2);
  CHECK(net.last().collector == Endpoint{"collector", 50051});
  auto& new_call = Answer();
  new_call.Welcome({{2, 1}});
  new_call.LetSendAll();
  CHECK(old_call.samples.size() == 1);
  REQUIRE(new_call.samples.size() == 1);
  CHECK(new_call.samples.front().since_boot == 2s);
  CHECK(feed.connects() == 2);
  CHECK_FALSE(feed.status().last_failure);
  CHECK(log.Take() == Lines{"info connected to collector:50051"});
}

TEST_CASE_FIXTURE(FeedFixture,
                  "what is leaving leaves first, and an original collector gets nothing twice") {
  Sample(2);
  auto& old_call = StartOriginal();
  feed.Renew();
  CHECK_FALSE(old_call.half_closed);
  old_call.LetSend();
  CHECK(old_call.half_closed);
  old_call.Close(kEnded, Trouble::kRefused);
  REQUIRE(net.calls().size() == 2);
  scheduler.Advance(6s);
  net.last().LetSendAll();
  CHECK(old_call.samples.size() == 1);
  CHECK(net.last().samples.size() == 1);
  CHECK(queue.held() == 0);
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that does not end it is not waited for long") {
  auto& old_call = StartAnswered();
  feed.Renew();
  scheduler.Advance(2999ms);
  CHECK(old_call.open());
  scheduler.Advance(1ms);
  CHECK_FALSE(old_call.open());
  REQUIRE(net.calls().size() == 2);
  CHECK(net.last().open());
}

TEST_CASE_FIXTURE(FeedFixture, "a connection that is being made is made anew") {
  feed.Start();
  feed.Renew();
  REQUIRE(net.calls().size() == 2);
  Answer();
  CHECK(feed.connected());
}

TEST_CASE_FIXTURE(FeedFixture, "a feed that waits, or moves already, goes on as it does") {
  auto& first = StartAnswered();
  first.Close(Lost());
  feed.Renew();
  CHECK(net.calls().size() == 1);
  WaitForConnection();
  Answer();
  feed.Renew();
  feed.Renew();
  CHECK(net.calls().size() == 2);
  net.last().Close(kEnded, Trouble::kRefused);
  CHECK(net.calls().size() == 3);
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that goes away meanwhile says where to go") {
  auto& call = StartAnswered();
  feed.Renew();
  call.Reply({.redirect = Redirect{.addresses = {"other:1"}, .after = 2s, .spread = 0s}});
  call.Close(kEnded, Trouble::kRefused);
  CHECK(net.calls().size() == 1);
  scheduler.Advance(2s);
  REQUIRE(net.calls().size() == 2);
  CHECK(net.last().collector == Endpoint{"other", 1});
}

TEST_CASE_FIXTURE(FeedFixture, "a feed may be stopped while it moves") {
  StartAnswered();
  feed.Renew();
  int done = 0;
  feed.Stop(3s, [&] { ++done; });
  net.last().Close(kEnded, Trouble::kRefused);
  scheduler.Advance(10s);
  CHECK(done == 1);
  CHECK(net.calls().size() == 1);
}

TEST_CASE("of several collectors it stays with the one it has") {
  FeedFixture fixture({.collectors = {{"one", 1}, {"two", 2}}});
  fixture.StartAnswered();
  fixture.feed.Renew();
  fixture.net.last().Close(kEnded, Trouble::kRefused);
  REQUIRE(fixture.net.calls().size() == 2);
  CHECK(fixture.net.last().collector == Endpoint{"one", 1});
}

}  // namespace
}  // namespace edgefeed
