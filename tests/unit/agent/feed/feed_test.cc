#include "agent/feed/feed.h"

#include <doctest/doctest.h>

#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = FeedFixture::Lines;

TEST_CASE_FIXTURE(FeedFixture, "a feed opens one connection, to the collector it was told of") {
  feed.Start();
  REQUIRE(net.calls().size() == 1);
  CHECK(net.last().collector == Endpoint{"collector", 50051});
  CHECK_FALSE(feed.connected());
  net.last().Answer(kAllFeatures);
  CHECK(feed.connected());
  CHECK(feed.connects() == 1);
}

TEST_CASE_FIXTURE(FeedFixture, "nothing is sent before the collector has had time to answer") {
  Sample();
  feed.Start();
  scheduler.Advance(5999ms);
  CHECK(net.last().sent.empty());
  scheduler.Advance(1ms);
  CHECK(net.last().sent == Lines{"original 2:1"});
}

TEST_CASE_FIXTURE(FeedFixture, "a slow network is not taken for an original collector") {
  Sample();
  feed.Start();
  net.last().established = false;
  scheduler.Advance(15s);
  net.last().established = true;
  scheduler.Advance(2s);
  CHECK(net.last().sent.empty());
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that has once known batches is never an original one") {
  StartAnswered();
  Sample();
  net.last().Close(Lost());
  WaitForConnection();
  scheduler.Advance(19s);
  CHECK(net.last().sent.empty());
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that answers late is sent batches from then on") {
  Sample(3);
  auto& call = StartOriginal();
  call.LetSend();
  CHECK(call.sent == Lines{"original 1:1", "original 1:2"});
  call.Answer(kAllFeatures);
  call.LetSendAll();
  CHECK(call.sent.at(2).starts_with("hello "));
  CHECK(call.sent.at(3).starts_with("live "));
  call.Welcome();
  call.LetSendAll();
  CHECK(call.samples.size() >= 3);
}

TEST_CASE_FIXTURE(FeedFixture, "an original collector acknowledges nothing: sent is done") {
  Sample(2);
  auto& call = StartOriginal();
  CHECK(queue.held() == 2);
  call.LetSend();
  CHECK(queue.held() == 1);
  CHECK(feed.connected());
}

TEST_CASE_FIXTURE(FeedFixture, "an original collector gets what waited first, oldest first") {
  Sample(130);
  StartOriginal().LetSendAll();
  Sample(2);
  net.last().LetSendAll();
  REQUIRE(net.last().sent.size() == 132);
  CHECK(net.last().sent[0] == "original 1:1");
  CHECK(net.last().sent[128] == "original 1:129");
  CHECK(net.last().sent[129] == "original 2:1");
  CHECK(net.last().sent[131] == "original 2:3");
  CHECK(queue.held() == 0);
}

TEST_CASE_FIXTURE(FeedFixture,
                  "a sample that was leaving when the connection was lost is not lost") {
  Sample(2);
  auto& call = StartOriginal();
  call.LetSend();
  call.Close(Lost());  // The second is on its way.
  scheduler.Advance(7s);
  net.last().LetSendAll();
  CHECK(net.last().sent == Lines{"original 2:1"});
}

TEST_CASE_FIXTURE(FeedFixture,
                  "numbered alerts are acknowledged, and one that comes again is known") {
  auto* call = &StartAnswered();
  const Alert alert{.number = 7, .rule = "CPU_HIGH"};
  call->Reply({.alert = alert});
  CHECK(call->alerts_taken == 7);
  call = &Reconnect();
  CHECK(call->alerts_taken == 0);
  call->Reply({.alert = alert});
  CHECK(call->alerts_taken == 7);
  call->Reply({.alert = Alert{.number = 6, .rule = "OF_ANOTHER_COLLECTOR"}});
  CHECK(alerts.alerts.size() == 2);
}

TEST_CASE_FIXTURE(FeedFixture, "alerts go to who wants them") {
  auto& call = StartAnswered();
  const Alert alert{.rule = "CPU_HIGH", .message = "m", .value = 95, .time = {}};
  call.Reply({.alert = alert});
  CHECK(alerts.alerts == std::vector{alert});
}

TEST_CASE_FIXTURE(FeedFixture, "a refused sample costs exactly that sample, and a line") {
  auto& call = StartAnswered();
  Sample(4);
  call.LetSendAll();
  call.Reply({.rejected = {{{2, 3}, "cpu_usage is nan"}}});
  CHECK(queue.rejected() == std::vector<StreamPosition>{{2, 3}});
  CHECK(queue.held() == 3);
  CHECK(log.Take().back() ==
        "error the collector refused 1 samples, which are dropped: cpu_usage is nan");
}

TEST_CASE_FIXTURE(FeedFixture, "no end of a connection costs a sample") {
  StartAnswered();
  Sample(2);
  for (const Code code : {Code::kUnavailable, Code::kAborted, Code::kAlreadyExists,
                          Code::kInvalidArgument, Code::kResourceExhausted, Code::kInternal}) {
    net.last().LetSendAll();
    Reconnect({code, "because"});
  }
  CHECK(queue.held() == 2);
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that goes away says when to come back") {
  auto& call = StartAnswered();
  call.Reply({.redirect = Redirect{.addresses = {}, .after = 20s, .spread = 0s}});
  call.Close({Code::kUnavailable, "the collector is stopping"});
  scheduler.Advance(19'999ms);
  CHECK(net.calls().size() == 1);
  scheduler.Advance(1ms);
  REQUIRE(net.calls().size() == 2);
  CHECK(net.last().collector.host == "collector");
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that goes away says where to go instead") {
  auto& call = StartAnswered();
  call.Reply({.redirect =
                  Redirect{.addresses = {"b:2", "no address", "c:3"}, .after = 0s, .spread = 10s}});
  call.Close({Code::kUnavailable, "the collector is stopping"});
  scheduler.Advance(10s);
  std::string hosts;
  for (int i = 0; i < 3; ++i) {
    WaitForConnection();
    hosts += net.last().collector.host + " ";
    net.last().Close(Lost());
  }
  CHECK(hosts == "b c collector ");
}

// A feed that waits longer would look as if it stood still, and the agent be restarted for it.
TEST_CASE_FIXTURE(FeedFixture, "a collector that asks for a pause of days gets five minutes") {
  auto& call = StartAnswered();
  call.Reply({.redirect = Redirect{.addresses = {}, .after = 50h, .spread = 0s}});
  call.Close(Lost());
  scheduler.Advance(5min - 1ms);
  CHECK(net.calls().size() == 1);
  scheduler.Advance(1ms);
  CHECK(net.calls().size() == 2);
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that spreads its agents over days gets five minutes") {
  auto* call = &StartAnswered();
  for (int i = 0; i < 20; ++i) {
    call->Reply({.redirect = Redirect{.addresses = {}, .after = 0s, .spread = 50h}});
    const std::size_t calls = net.calls().size();
    call->Close(Lost());
    scheduler.Advance(5min);
    REQUIRE(net.calls().size() > calls);
    WaitForConnection();
    call = &Answer();
  }
}

TEST_CASE("a thousand agents spread over the time that the collector gave them") {
  std::vector<int> tenths(100, 0);
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    FeedFixture fixture({.collectors = {{"collector", 50051}}, .backoff_seed = seed});
    auto& call = fixture.StartAnswered();
    call.Reply({.redirect = Redirect{.addresses = {}, .after = 0s, .spread = 10s}});
    call.Close(FeedFixture::Lost());
    for (auto& tenth : tenths) {
      fixture.scheduler.Advance(100ms);
      if (fixture.net.calls().size() == 1) continue;
      ++tenth;
      break;
    }
  }
  CHECK(*std::ranges::max_element(tenths) <= 30);  // Three times the mean.
  CHECK(*std::ranges::min_element(tenths) > 0);
}

}  // namespace
}  // namespace edgefeed
