#include "collector/ingest/ingest.h"

#include <doctest/doctest.h>

#include <optional>

#include "tests/support/fake_fleet_updates.h"
#include "tests/support/fake_rule_evaluator.h"
#include "tests/support/fake_sample_store.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

constexpr const char* kDevice = "edge-07";

class FakeFeed final : public FeedControl {
 public:
  void End(const Error& why) override { ended = why; }
  void Stored(const StreamPosition& position) override { stored.push_back(position); }
  std::optional<Error> ended;
  std::vector<StreamPosition> stored;
};

// A feed that is over as soon as it is ended.
class HastyFeed final : public FeedControl {
 public:
  explicit HastyFeed(Ingest& ingest) : ingest_(ingest) {}
  void End(const Error& /*why*/) override { ingest_.Close(kDevice, *this); }
  void Stored(const StreamPosition& /*position*/) override {}

 private:
  Ingest& ingest_;
};

constexpr StreamId kStream = 3;

std::vector<Sample> Samples(StreamId stream, std::initializer_list<std::uint64_t> sequences) {
  std::vector<Sample> samples;
  for (const std::uint64_t sequence : sequences) {
    samples.emplace_back().position = {stream, sequence};
  }
  return samples;
}

class IngestFixture {
 public:
  Status Open(FeedControl& feed, const std::string& address, const std::string& run_id = {}) {
    return ingest.Open(kDevice, {.address = address, .run_id = run_id}, feed);
  }
  void Accept(FeedControl& feed, std::initializer_list<std::uint64_t> sequences,
              Lane lane = Lane::kLive, StreamId stream = kStream) {
    REQUIRE(ingest.Accept(kDevice, feed, Samples(stream, sequences), lane));
  }
  // A payload of an original client.
  void AcceptOriginal(FeedControl& feed) { Accept(feed, {0}, Lane::kLive, 0); }

  LogCapture log;
  ManualScheduler scheduler;
  FakeSampleStore store;
  FakeFleetUpdates fleet;
  FakeRuleEvaluator rules;
  CollectorStats stats;
  Ingest ingest{scheduler, store, fleet, rules, stats};
};

TEST_CASE_FIXTURE(IngestFixture, "samples whose time is a guess are counted, once each") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  auto samples = Samples(kStream, {1, 2, 3});
  samples[0].clock = samples[1].clock = ClockTrust::kGuess;
  samples[2].clock = ClockTrust::kDevice;
  for (int i = 0; i < 2; ++i) REQUIRE(ingest.Accept(kDevice, feed, samples, Lane::kBacklog));
  CHECK(stats.payloads_dated_by_guess == 2);
}

TEST_CASE_FIXTURE(IngestFixture, "a sample goes to the store, to the rules and to the fleet") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  Accept(feed, {1});
  ingest.Close(kDevice, feed);

  CHECK(fleet.told ==
        Lines{"connected edge-07 10.0.0.1:1", "update edge-07 1", "disconnected edge-07"});
  CHECK(store.told == Lines{"edge-07 3:1"});
  CHECK(rules.observed == std::vector<std::uint64_t>{1});
  CHECK(stats.payloads_accepted == 1);
}

TEST_CASE_FIXTURE(IngestFixture, "the rules hear of a device's feeds, labels and signs of life") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  CHECK(rules.heard == 1);
  Hello hello;
  hello.info.labels = {{"site", "lab"}};
  ingest.Resume(kDevice, hello);
  CHECK(rules.described == std::vector<Labels>{hello.info.labels});
  ingest.Heard(kDevice);
  CHECK(rules.heard == 2);
}

TEST_CASE_FIXTURE(IngestFixture, "a device that the fleet does not admit gets no feed") {
  fleet.full = true;
  FakeFeed feed;
  const Status status = Open(feed, "10.0.0.1:1");
  REQUIRE_FALSE(status);
  CHECK(status.error() == Error{Code::kResourceExhausted, "no room for edge-07"});
  AcceptOriginal(feed);
  CHECK(fleet.told.empty());
}

TEST_CASE_FIXTURE(IngestFixture,
                  "the newest feed of a device wins, and the older is told by whom") {
  FakeFeed older;
  FakeFeed newer;
  REQUIRE(Open(older, "10.0.0.1:1"));
  REQUIRE(Open(newer, "10.0.0.2:2"));

  CHECK(older.ended == Error{Code::kAborted,
                             "a newer feed of device 'edge-07' came from 10.0.0.2:2; one device "
                             "has one feed"});
  CHECK_FALSE(newer.ended);
  CHECK(stats.feeds_replaced == 1);
}

TEST_CASE_FIXTURE(IngestFixture, "a replaced feed changes nothing any more") {
  FakeFeed older;
  FakeFeed newer;
  REQUIRE(Open(older, "10.0.0.1:1"));
  REQUIRE(Open(newer, "10.0.0.2:2"));
  fleet.Take();

  AcceptOriginal(older);
  ingest.Close(kDevice, older);

  CHECK(fleet.Take().empty());
  CHECK(stats.payloads_accepted == 0);
  CHECK(rules.observed.empty());
  AcceptOriginal(newer);
  CHECK(rules.observed.size() == 1);
}

TEST_CASE_FIXTURE(IngestFixture, "a feed may be over at once when it is replaced") {
  HastyFeed older(ingest);
  FakeFeed newer;
  REQUIRE(Open(older, "10.0.0.1:1"));
  fleet.Take();
  REQUIRE(Open(newer, "10.0.0.2:2"));
  CHECK(fleet.Take() == Lines{"connected edge-07 10.0.0.2:2"});
}

TEST_CASE_FIXTURE(IngestFixture, "devices are apart from each other") {
  FakeFeed one;
  FakeFeed other;
  REQUIRE(ingest.Open("a", {.address = "10.0.0.1:1", .run_id = "r"}, one));
  REQUIRE(ingest.Open("b", {.address = "10.0.0.2:1", .run_id = "r"}, other));
  CHECK_FALSE(one.ended);
  CHECK(ingest.Accept("a", one, Samples(kStream, {5}), Lane::kLive));
  CHECK(ingest.Accept("b", other, Samples(kStream, {5}), Lane::kLive));
  CHECK(stats.payloads_accepted == 2);
}

TEST_CASE_FIXTURE(IngestFixture, "what was accepted already is counted and goes no further") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1", "run"));
  Accept(feed, {1, 2, 3});
  ingest.Close(kDevice, feed);

  FakeFeed again;
  REQUIRE(Open(again, "10.0.0.1:2", "run"));
  Accept(again, {2, 3, 4});

  CHECK(stats.payloads_duplicate == 2);
  CHECK(stats.payloads_accepted == 4);
  CHECK(rules.observed == std::vector<std::uint64_t>{1, 2, 3, 4});
  CHECK(store.told.size() == 4);
  CHECK(fleet.told.back() == "update edge-07 4");
}

TEST_CASE_FIXTURE(IngestFixture, "a gap in a stream is no duplicate: the outbox was full") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  Accept(feed, {1, 100, 101});
  CHECK(stats.payloads_accepted == 3);
}

TEST_CASE_FIXTURE(IngestFixture, "each stream has its own numbers, in whatever turns they come") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  Accept(feed, {1, 2}, Lane::kBacklog, 5);
  Accept(feed, {1, 2}, Lane::kLive, 6);
  Accept(feed, {3}, Lane::kBacklog, 5);
  CHECK(stats.payloads_accepted == 5);
  CHECK(stats.payloads_duplicate == 0);
}

TEST_CASE_FIXTURE(IngestFixture, "a device's 64 newest streams are remembered") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  for (StreamId stream = 1; stream <= 64; ++stream) Accept(feed, {1}, Lane::kBacklog, stream);
  for (StreamId stream = 1; stream <= 64; ++stream) Accept(feed, {1}, Lane::kBacklog, stream);
  CHECK(stats.payloads_duplicate == 64);
  Accept(feed, {1}, Lane::kBacklog, 65);
  Accept(feed, {1}, Lane::kBacklog, 1);  // The one that was used longest ago is forgotten.
  CHECK(stats.payloads_duplicate == 64);
}

TEST_CASE_FIXTURE(IngestFixture, "an original client's payloads are never duplicates") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  for (int i = 0; i < 5; ++i) AcceptOriginal(feed);
  CHECK(stats.payloads_accepted == 5);
}

TEST_CASE_FIXTURE(IngestFixture, "backlog is stored and counted, and is late for the rules") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  Accept(feed, {1, 2}, Lane::kBacklog);
  CHECK(store.told == Lines{"edge-07 3:1", "edge-07 3:2"});
  CHECK(fleet.told.back() == "backlog edge-07 2");
  CHECK(rules.observed.empty());
  CHECK(rules.observed_late == std::vector<std::uint64_t>{1, 2});
  CHECK(stats.payloads_backlog == 2);
}

TEST_CASE_FIXTURE(IngestFixture, "a feed hears of what is stored, not of what is accepted") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  Accept(feed, {1, 2, 3});
  CHECK(feed.stored.empty());
  ingest.Stored(kDevice, std::vector<StreamPosition>{{kStream, 2}});
  CHECK(feed.stored == std::vector<StreamPosition>{{kStream, 2}});
  ingest.Close(kDevice, feed);
  ingest.Stored(kDevice, std::vector<StreamPosition>{{kStream, 3}});
  CHECK(feed.stored.size() == 1);
}

TEST_CASE_FIXTURE(IngestFixture,
                  "a device that comes back is told what is stored of what it holds") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  Accept(feed, {1, 2, 3});
  ingest.Stored(kDevice, std::vector<StreamPosition>{{kStream, 2}});
  const Hello hello{.info = {.run_id = "run"}, .held = {{kStream, 3}, {8, 1}}};
  CHECK(ingest.Resume(kDevice, hello) == std::vector<StreamPosition>{{kStream, 2}});
  CHECK(fleet.told.back() == "describe edge-07 run");
  CHECK(store.told.back() == "edge-07 is run run");
}

TEST_CASE_FIXTURE(IngestFixture, "what was stored before a restart is known after it") {
  ingest.Restore(kDevice, std::vector<StreamPosition>{{kStream, 7}, {9, 1}});
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  CHECK(ingest.Resume(kDevice, {.info = {}, .held = {{kStream, 9}}}) ==
        std::vector<StreamPosition>{{kStream, 7}});
  Accept(feed, {6, 7, 8});
  CHECK(stats.payloads_duplicate == 2);
  CHECK(stats.payloads_accepted == 1);
  // What is stored already is acknowledged at once, or the device would wait for ever.
  CHECK(feed.stored.back() == StreamPosition{kStream, 7});
}

TEST_CASE_FIXTURE(IngestFixture, "what the store cannot take is not accepted, and may come again") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  Accept(feed, {1});
  store.full = true;
  const auto refused = ingest.Accept(kDevice, feed, Samples(kStream, {2, 3}), Lane::kLive);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Error{Code::kUnavailable, "history: no space left"});
  CHECK(rules.observed == std::vector<std::uint64_t>{1});
  store.full = false;
  Accept(feed, {2, 3});
  CHECK(store.told == Lines{"edge-07 3:1", "edge-07 3:2", "edge-07 3:3"});
  CHECK(stats.payloads_refused == 1);
}

TEST_CASE_FIXTURE(IngestFixture, "an agent that reconnects often is not taken for two devices") {
  std::vector<FakeFeed> feeds(50);
  for (FakeFeed& feed : feeds) {
    CHECK(Open(feed, "10.0.0.1:1", "run"));
    Accept(feed, {1});
  }
  CHECK(stats.feeds_refused_conflict == 0);
}

TEST_CASE_FIXTURE(IngestFixture, "a device that restarts often is not taken for two") {
  std::vector<FakeFeed> feeds(50);
  int run = 0;
  for (FakeFeed& feed : feeds) {
    CHECK(Open(feed, "10.0.0.1:1", std::to_string(++run)));
    AcceptOriginal(feed);
    scheduler.Advance(3s);  // The old feed was not closed, but is silent.
  }
  CHECK(stats.feeds_refused_conflict == 0);
}

// Two devices that send each second and take the name from each other, until one is refused.
class FightFixture : public IngestFixture {
 public:
  FightFixture() {
    REQUIRE(Open(first, "10.0.0.1:1", "one"));
    Pass(1s);
    REQUIRE(Open(second, "10.0.0.2:2", "two"));
    Pass(1s);
    REQUIRE(Open(first, "10.0.0.1:1", "one"));
    Pass(1s);
    REQUIRE(Open(second, "10.0.0.2:2", "two"));  // The third: from now on it is a conflict.
    fleet.Take();
    second.ended.reset();  // From when it lost the name.
  }
  // Whoever has the name sends each second.
  void Pass(std::chrono::seconds time) {
    for (; time > 0s; time -= 1s) {
      scheduler.Advance(1s);
      AcceptOriginal(first);
      AcceptOriginal(second);
    }
  }
  Status FirstTries() { return Open(first, "10.0.0.1:1", "one"); }

  FakeFeed first;
  FakeFeed second;
};

TEST_CASE_FIXTURE(FightFixture, "of two devices that fight over a name, one keeps it") {
  const Status refused = FirstTries();
  REQUIRE_FALSE(refused);
  CHECK(refused.error() ==
        Error{Code::kAlreadyExists,
              "another device at 10.0.0.2:2 uses the name 'edge-07'; give one of them another "
              "service_name"});
  CHECK(stats.feeds_refused_conflict == 1);
  CHECK(stats.feeds_replaced == 3);
  CHECK_FALSE(second.ended);
  CHECK(fleet.Take().empty());
  Pass(1s);
  CHECK(fleet.Take() == Lines{"update edge-07 0"});
}

TEST_CASE_FIXTURE(FightFixture, "a conflict lasts as long as the other device keeps trying") {
  for (int i = 0; i < 60; ++i) {
    CHECK_FALSE(FirstTries());
    Pass(1min);
  }
  CHECK(stats.feeds_refused_conflict == 60);
}

TEST_CASE_FIXTURE(FightFixture, "a conflict is logged once, naming both") {
  log.Take();
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(FirstTries());
    Pass(10s);
  }
  CHECK(log.Take() ==
        Lines{"error two devices use the name 'edge-07': 10.0.0.2:2 keeps it, 10.0.0.1:1 is "
              "refused; give one of them another service_name"});
}

TEST_CASE_FIXTURE(FightFixture, "a conflict ends when the one that has the name falls silent") {
  CHECK_FALSE(FirstTries());
  scheduler.Advance(29'999ms);
  CHECK_FALSE(FirstTries());
  scheduler.Advance(1ms);
  CHECK(FirstTries());
  CHECK(second.ended->code == Code::kAborted);
}

TEST_CASE_FIXTURE(FightFixture, "a conflict ends when the one that has the name disconnects") {
  CHECK_FALSE(FirstTries());
  ingest.Close(kDevice, second);
  CHECK(FirstTries());
}

TEST_CASE_FIXTURE(FightFixture, "a conflict is forgotten when the other device stops trying") {
  CHECK_FALSE(FirstTries());
  Pass(5min);
  CHECK(FirstTries());
}

TEST_CASE_FIXTURE(FightFixture, "the one that has the name may reconnect during the conflict") {
  CHECK_FALSE(FirstTries());
  FakeFeed again;
  CHECK(Open(again, "10.0.0.2:3", "two"));
}

}  // namespace
}  // namespace edgefeed
