#include "agent/feed/delivery.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = FeedFixture::Lines;

FeedConfig With(const DeliveryConfig& delivery) {
  return {.collectors = {{"collector", 50051}}, .delivery = delivery};
}

TEST_CASE_FIXTURE(FeedFixture, "the hello says what is held, and the newest sample goes at once") {
  Sample(4);
  StartAnswered();
  CHECK(net.last().sent == Lines{"hello 1:3", "live 2:1"});
}

TEST_CASE_FIXTURE(FeedFixture, "the backlog waits until the collector has said what it has of it") {
  Sample(4);
  auto& call = StartAnswered();
  call.LetSendAll();
  scheduler.Advance(10s);
  CHECK(call.sent.size() == 2);
  call.Welcome({{1, 2}});
  call.LetSendAll();
  CHECK(call.sent == Lines{"hello 1:3", "live 2:1", "backlog 1:3"});
  CHECK(queue.held() == 2);
}

TEST_CASE_FIXTURE(FeedFixture, "live samples go before the backlog, which goes in batches") {
  Sample(200);
  auto& call = StartAnswered();
  call.LetSendAll();
  call.Welcome();
  Sample(2);
  call.LetSend();
  CHECK(call.sent.back() == "live 2:2-3");
  call.LetSendAll();
  CHECK(call.sent == Lines{"hello 1:199", "live 2:1", "backlog 1:1-60", "live 2:2-3",
                           "backlog 1:61-120", "backlog 1:121-180", "backlog 1:181-199"});
}

TEST_CASE_FIXTURE(FeedFixture,
                  "one message is on its way at a time, and what comes goes together") {
  auto& call = StartAnswered();
  Sample(3);
  CHECK(call.sent == Lines{"hello", "live 2:1"});
  call.LetSend();
  CHECK(call.sent.back() == "live 2:2-3");
}

TEST_CASE_FIXTURE(FeedFixture, "a sample is kept until it is stored, and sent again after a loss") {
  auto& call = StartAnswered();
  Sample(4);
  call.LetSendAll();
  CHECK(queue.held() == 4);
  call.Store(2, 1);
  CHECK(queue.held() == 3);
  call.Store(9, 100);
  CHECK(queue.held() == 3);

  auto& next = Reconnect();
  next.Welcome({{2, 2}});
  next.LetSendAll();
  CHECK(next.sent == Lines{"hello 2:4", "backlog 2:3-4"});
  next.Store(2, 4);
  CHECK(queue.held() == 0);
}

TEST_CASE("the backlog drains no faster than it may") {
  FeedFixture fixture(With({.batch_samples = 10, .drain_rate = 20}));
  fixture.Sample(101);
  auto& call = fixture.StartAnswered();
  call.Welcome();
  call.LetSendAll();
  for (int i = 1; i <= 9; ++i) {
    CHECK(call.samples.size() == static_cast<std::size_t>(1 + 10 * i));
    fixture.scheduler.Advance(499ms);
    call.LetSendAll();
    CHECK(call.samples.size() == static_cast<std::size_t>(1 + 10 * i));
    fixture.scheduler.Advance(1ms);
    call.LetSendAll();
  }
  CHECK(call.samples.size() == 101);
}

TEST_CASE("live samples wait for a batch only when told to") {
  FeedFixture fixture(With({.batch_interval = 10s}));
  auto& call = fixture.StartAnswered();
  fixture.Sample();
  call.LetSend();
  fixture.Sample(3);
  CHECK(call.sent == Lines{"hello", "live 2:1"});
  fixture.scheduler.Advance(10s);
  CHECK(call.sent.back() == "live 2:2-4");
  call.LetSend();
  fixture.Sample();
  fixture.feed.Stop(3s, [] {});
  CHECK(call.sent.back() == "live 2:5");  // Stopping waits for no batch.
}

TEST_CASE("what gathers for a batch leaves with it, in as many messages as it takes") {
  FeedConfig config = With({.batch_samples = 60, .batch_interval = 1min});
  config.delivery.speaks_every = config.dead_after = config.ack_timeout = 1h;
  FeedFixture fixture(config);
  auto& call = fixture.StartAnswered();
  fixture.Sample();
  call.LetSendAll();
  fixture.Sample(150);
  fixture.scheduler.Advance(1min);
  call.LetSendAll();
  CHECK(call.sent == Lines{"hello", "live 2:1", "live 2:2-61", "live 2:62-121", "live 2:122-151"});
  fixture.Sample(60);
  call.LetSendAll();
  CHECK(call.samples.size() == 151);  // The next ones gather again …
  fixture.scheduler.Advance(1min);
  call.LetSendAll();
  CHECK(call.sent.back() == "live 2:152-211");
  fixture.Sample();
  call.LetSendAll();
  CHECK(call.samples.size() == 211);  // … also when the last message was just full.
}

TEST_CASE_FIXTURE(FeedFixture,
                  "a backlog that takes its time on disk is sent when it "
                  "is there") {
  std::vector<std::function<void()>> delayed;
  queue.delay_backlog = [&](const auto& answer) { delayed.push_back(answer); };
  Sample(3);
  auto& call = StartAnswered();
  call.Welcome();
  call.LetSendAll();
  REQUIRE(delayed.size() == 1);
  scheduler.Advance(1s);
  CHECK(call.sent.back() == "live 2:1");
  delayed[0]();
  CHECK(call.sent.back() == "backlog 1:1-2");
}

TEST_CASE_FIXTURE(FeedFixture, "the time of a sample is settled when it is sent") {
  Sample(2);  // At 1 s and 2 s after boot.
  auto& call = StartAnswered();
  clock.boot = FromUnixMillis(1'000'000);
  call.Welcome();
  call.LetSendAll();
  REQUIRE(call.samples.size() == 2);
  CHECK(call.samples[0].time == FromUnixMillis(2'000));
  CHECK(call.samples[1].time == FromUnixMillis(1'001'000));
}

TEST_CASE_FIXTURE(FeedFixture,
                  "while nobody knows the time, even live samples wait for the collector's") {
  clock.is_known = false;
  Sample(2);  // At 1 s and 2 s after boot.
  auto& call = StartAnswered();
  scheduler.Advance(1s);
  CHECK(call.sent == Lines{"hello 1:1"});
  SUBCASE("which comes with the welcome") {
    clock.boot = FromUnixMillis(1'000'000);
    call.Welcome();
    call.LetSendAll();
    CHECK(call.sent == Lines{"hello 1:1", "live 2:1", "backlog 1:1"});
    CHECK(call.samples.front().time == FromUnixMillis(1'002'000));
  }
  SUBCASE("and are left for next time when the feed is stopped before") {
    bool stopped = false;
    feed.Stop(3s, [&] { stopped = true; });
    scheduler.Advance(3s);
    CHECK(stopped);
    CHECK(call.sent == Lines{"hello 1:1"});
    CHECK(queue.held() == 2);
  }
}

TEST_CASE_FIXTURE(FeedFixture,
                  "the collector's clock is learned from, and how long its word took") {
  feed.Start();
  net.last().Answer(kAllFeatures);
  scheduler.Advance(300ms);
  net.last().Reply({.welcome = Welcome{}, .server_time = FromUnixMillis(5)});
  CHECK(clock.learned.back() == std::pair{FromUnixMillis(5), 300ms});
  scheduler.Advance(10s);
  net.last().Reply({.server_time = FromUnixMillis(10'305)});
  CHECK(clock.learned.back() == std::pair{FromUnixMillis(10'305), 0ms});
}

// Holds so many streams that the live lane shares one with the backlog: 1:1-2 waited, 1:3 is new.
class SharedStreamQueue final : public SampleQueue {
 public:
  std::vector<StreamPosition> BeginConnection() override { return {{1, 2}}; }
  SampleBatch TakeLive(std::size_t /*most*/) override {
    if (!backlog_taken_ || std::exchange(live_taken_, true)) return {};
    return Batch({3}, false);
  }
  void TakeBacklog(std::size_t /*most*/, std::function<void(SampleBatch)> answer) override {
    backlog_taken_ = true;
    answer(Batch({1, 2}, true));
  }
  [[nodiscard]] bool HasBacklog() const override { return !backlog_taken_; }
  void Acknowledge(const StreamPosition& /*position*/) override {}
  void Reject(const StreamPosition& /*position*/) override {}
  [[nodiscard]] std::uint64_t unacknowledged() const override { return 0; }

 private:
  static SampleBatch Batch(std::initializer_list<std::uint64_t> sequences, bool backlog) {
    SampleBatch batch{.backlog = backlog, .samples = {}};
    for (const std::uint64_t sequence : sequences) {
      batch.samples.emplace_back().position = {1, sequence};
    }
    return batch;
  }
  bool backlog_taken_ = false;
  bool live_taken_ = false;
};

TEST_CASE("in a stream that both lanes share, the older samples go first") {
  ManualScheduler scheduler;
  SharedStreamQueue queue;
  FakeSampleClock clock;
  FakeAlertSink alerts;
  FakeTransport net;
  // The drain rate keeps the backlog back while a live sample comes.
  Feed feed({.collectors = {{"collector", 50051}}, .delivery = {.drain_rate = 1}}, scheduler, net,
            queue, clock, alerts);
  feed.Start();
  net.last().Answer(kAllFeatures);
  net.last().Welcome();
  net.last().LetSendAll();
  CHECK(net.last().sent == Lines{"hello 1:2", "backlog 1:1-2", "live 1:3"});
}

// A collector that stores and acknowledges at random, and loses the connection at random.
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
      case 3: ++samples_; return fixture_.Sample();
      case 4: return Acknowledge();
      default: return TakeOne();
    }
  }
  void Finish() {
    while (fixture_.queue.held() > 0) {
      fixture_.WaitForConnection();
      Answer();
      TakeOne();
      Acknowledge();
    }
  }
  [[nodiscard]] std::size_t stored() const { return stored_count_; }
  [[nodiscard]] std::size_t samples() const { return samples_; }

 private:
  void Answer() {
    if (answered_ == fixture_.net.calls().size()) return;
    answered_ = fixture_.net.calls().size();
    taken_ = 0;
    fixture_.net.last().Answer(kAllFeatures);
    fixture_.net.last().Welcome(Positions());
  }
  [[nodiscard]] std::vector<StreamPosition> Positions() const {
    std::vector<StreamPosition> positions;
    positions.reserve(stored_.size());
    for (const auto& [stream, sequence] : stored_) positions.push_back({stream, sequence});
    return positions;
  }
  void Acknowledge() {
    if (answered_ == fixture_.net.calls().size()) {
      fixture_.net.last().Reply({.stored = Positions()});
    }
  }
  // Stores as a collector does: what goes back in its stream is a duplicate.
  void TakeOne() {
    auto& call = fixture_.net.last();
    if (!call.open() || !call.sending) return;
    for (; taken_ < call.samples.size(); ++taken_) {
      const StreamPosition at = call.samples[taken_].position;
      CHECK(at.stream != 0);
      if (at.sequence <= stored_[at.stream]) continue;
      stored_[at.stream] = at.sequence;
      ++stored_count_;
    }
    call.LetSend();
  }

  FeedFixture& fixture_;
  std::mt19937_64 random_;
  std::size_t answered_ = 0;
  std::size_t taken_ = 0;  // Of the samples of this connection.
  std::size_t samples_ = 0;
  std::size_t stored_count_ = 0;
  std::map<StreamId, std::uint64_t> stored_;
};

TEST_CASE("however often the connection is lost, every sample is stored once") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    FeedFixture fixture({.collectors = {{"collector", 50051}}, .answer_timeout = 1h});
    fixture.feed.Start();
    FlakyCollector collector(fixture, seed);
    for (int step = 0; step < 1000; ++step) collector.Step();
    collector.Finish();
    CHECK(collector.samples() > 50);
    CHECK(collector.stored() == collector.samples());
    CHECK(fixture.feed.connects() > 20);
  }
}

}  // namespace
}  // namespace edgefeed
