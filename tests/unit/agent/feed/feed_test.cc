#include "agent/feed/feed.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

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
  scheduler.Advance(1999ms);
  CHECK(net.last().sent.empty());
  scheduler.Advance(1ms);
  CHECK(net.last().sent == Lines{"original 1"});
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that knows more is sent everything, at once") {
  Sample();
  StartAnswered();
  CHECK(net.last().sent == Lines{"full 1"});
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that answers late is sent everything from then on") {
  Sample(3);
  auto& call = StartOriginal();
  call.LetSend();
  CHECK(call.sent == Lines{"original 1", "original 2"});
  call.Answer(kAllFeatures);
  call.LetSendAll();
  CHECK(call.sent == Lines{"original 1", "original 2", "full 3"});
}

TEST_CASE_FIXTURE(FeedFixture, "a collector that acknowledges but takes no readings gets none") {
  Sample();
  feed.Start();
  net.last().Answer({.acks = true});
  net.last().LetSendAll();
  CHECK(net.last().sent == Lines{"original 1"});
  CHECK(outbox.counts().queued == 1);
  net.last().Acknowledge(1);
  CHECK(outbox.counts().queued == 0);
}

TEST_CASE_FIXTURE(FeedFixture, "one sample is on its way at a time") {
  auto& call = StartAnswered();
  Sample(3);
  CHECK(call.sent == Lines{"full 1"});
  call.LetSend();
  CHECK(call.sent == Lines{"full 1", "full 2"});
  call.LetSendAll();
  CHECK(call.sent == Lines{"full 1", "full 2", "full 3"});
  Sample();
  CHECK(call.sent.back() == "full 4");
}

TEST_CASE_FIXTURE(FeedFixture, "a sample is kept until it is acknowledged") {
  auto& call = StartAnswered();
  Sample(3);
  call.LetSendAll();
  CHECK(outbox.counts().queued == 3);
  call.Acknowledge(0);
  CHECK(outbox.counts().queued == 3);
  call.Acknowledge(2);
  CHECK(outbox.counts().queued == 1);
}

TEST_CASE_FIXTURE(FeedFixture, "an original collector acknowledges nothing: sent is done") {
  Sample(2);
  auto& call = StartOriginal();
  CHECK(outbox.counts().queued == 2);
  call.LetSend();
  CHECK(outbox.counts().acknowledged == 1);
  CHECK(feed.connected());
}

TEST_CASE_FIXTURE(FeedFixture,
                  "after a loss what was not acknowledged is sent again, oldest first") {
  auto& call = StartAnswered();
  Sample(4);
  call.LetSendAll();
  call.Acknowledge(1);
  call.Close(Lost());
  Sample();
  CHECK_FALSE(feed.connected());

  scheduler.Advance(1s);
  net.last().Answer(kAllFeatures);
  net.last().LetSendAll();

  CHECK(net.last().sent == Lines{"full 2", "full 3", "full 4", "full 5"});
  CHECK(feed.connects() == 2);
}

TEST_CASE_FIXTURE(FeedFixture,
                  "a sample that was leaving when the connection was lost is not lost") {
  Sample(2);
  auto& call = StartOriginal();
  call.LetSend();
  call.Close(Lost());  // 2 is on its way.
  scheduler.Advance(3s);
  net.last().LetSendAll();
  CHECK(net.last().sent == Lines{"original 2"});
}

TEST_CASE_FIXTURE(FeedFixture, "each connection has to show anew what it knows") {
  Sample(2);
  StartAnswered().LetSendAll();
  net.last().Close(Lost());
  scheduler.Advance(1s);
  CHECK(net.calls().size() == 2);
  CHECK(net.last().sent.empty());
  scheduler.Advance(2s);
  CHECK(net.last().sent == Lines{"original 1"});
}

TEST_CASE_FIXTURE(FeedFixture, "alerts go to who wants them") {
  auto& call = StartAnswered();
  const Alert alert{.rule = "CPU_HIGH", .message = "m", .value = 95, .time = {}};
  call.events->OnAlert(alert);
  CHECK(alerts.alerts == std::vector{alert});
}

TEST_CASE_FIXTURE(FeedFixture, "a refused payload costs exactly the sample that was refused") {
  auto& call = StartAnswered();
  Sample(4);
  call.LetSendAll();
  call.Acknowledge(1);

  Reconnect({Code::kInvalidArgument, "payload 2: cpu_usage is nan"}).LetSendAll();

  CHECK(net.last().sent == Lines{"full 3", "full 4"});
  CHECK(outbox.counts().rejected == 1);
  CHECK(log.Take()[1] ==
        "error the collector refused a sample, which is dropped: payload 2: cpu_usage is nan");
}

TEST_CASE_FIXTURE(FeedFixture, "no other end of a connection costs a sample") {
  StartAnswered();
  Sample(2);
  for (const Code code : {Code::kUnavailable, Code::kAborted, Code::kAlreadyExists,
                          Code::kResourceExhausted, Code::kUnauthenticated, Code::kInternal}) {
    net.last().LetSendAll();
    Reconnect({code, "because"});
  }
  CHECK(outbox.counts().rejected == 0);
  CHECK(outbox.counts().queued == 2);
}

TEST_CASE_FIXTURE(FeedFixture, "a refusal when nothing was sent costs nothing") {
  StartAnswered();
  net.last().Close({Code::kInvalidArgument, "service_name is empty"});
  Sample();
  CHECK(outbox.counts().rejected == 0);
}

TEST_CASE_FIXTURE(FeedFixture, "an original server's refusal costs no sample that was not sent") {
  Sample(3);
  auto& call = StartOriginal();
  call.LetSend();
  call.Close({Code::kInvalidArgument, "no"});
  CHECK(outbox.counts().rejected == 0);
  CHECK(outbox.counts().queued == 2);
}

// A collector that takes and acknowledges at random, and loses the connection at random.
class FlakyCollector {
 public:
  FlakyCollector(FeedFixture& fixture, std::uint64_t seed) : fixture_(fixture), random_(seed) {}

  void Step() {
    auto& call = fixture_.net.last();
    if (!call.open()) return fixture_.WaitForConnection();
    switch (random_() % 8) {
      case 0: return call.Close(FeedFixture::Lost());
      case 1: return fixture_.scheduler.Advance(100ms);
      case 2: return Answer();
      case 3: return fixture_.Sample();
      case 4: return call.Acknowledge(taken_in_order_);
      default: return TakeOne();
    }
  }
  void Finish() {
    while (fixture_.outbox.counts().queued > 0) {
      fixture_.WaitForConnection();
      Answer();
      TakeOne();
      fixture_.net.last().Acknowledge(taken_in_order_);
    }
  }
  [[nodiscard]] const std::set<std::uint64_t>& taken() const { return taken_; }

 private:
  void Answer() {
    if (answered_ == fixture_.net.calls().size()) return;
    answered_ = fixture_.net.calls().size();
    fixture_.net.last().Answer(kAllFeatures);
  }
  void TakeOne() {
    auto& call = fixture_.net.last();
    if (!call.sending) return;
    const std::uint64_t sequence = std::stoull(call.sent.back().substr(5));
    CHECK(sequence <= taken_in_order_ + 1);  // Never one before an older one.
    taken_.insert(sequence);
    taken_in_order_ = std::max(taken_in_order_, sequence);
    call.LetSend();
  }

  FeedFixture& fixture_;
  std::mt19937_64 random_;
  std::size_t answered_ = 0;
  std::set<std::uint64_t> taken_;
  std::uint64_t taken_in_order_ = 0;
};

TEST_CASE(
    "however often the connection is lost, every sample arrives, and none before an older one") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    FeedFixture fixture({.collectors = {{"collector", 50051}}, .answer_timeout = 1h});
    fixture.feed.Start();
    FlakyCollector collector(fixture, seed);
    for (int step = 0; step < 1000; ++step) collector.Step();
    collector.Finish();

    const OutboxCounts counts = fixture.outbox.counts();
    CHECK(counts.collected > 50);
    CHECK(counts.acknowledged == counts.collected);
    CHECK(collector.taken().size() == counts.collected);
    CHECK(fixture.feed.connects() > 20);
  }
}

}  // namespace
}  // namespace edgefeed
