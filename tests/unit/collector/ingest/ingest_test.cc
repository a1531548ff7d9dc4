#include "collector/ingest/ingest.h"

#include <doctest/doctest.h>

#include <optional>

#include "tests/support/fake_fleet_updates.h"
#include "tests/support/fake_rule_evaluator.h"
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
  std::optional<Error> ended;
};

// A feed that is over as soon as it is ended.
class HastyFeed final : public FeedControl {
 public:
  explicit HastyFeed(Ingest& ingest) : ingest_(ingest) {}
  void End(const Error& /*why*/) override { ingest_.Close(kDevice, *this); }

 private:
  Ingest& ingest_;
};

std::shared_ptr<const DeviceInfo> Run(const std::string& run_id) {
  return std::make_shared<const DeviceInfo>(DeviceInfo{.run_id = run_id});
}

class IngestFixture {
 public:
  Status Open(FeedControl& feed, const std::string& address, const std::string& run_id = {}) {
    return ingest.Open(kDevice, {.address = address, .run_id = run_id}, feed);
  }
  std::vector<Alert> Accept(const FeedControl& feed, std::uint64_t sequence,
                            const std::string& run_id) {
    return ingest.Accept(kDevice, feed, {.sequence = sequence}, Run(run_id));
  }
  // A payload of an original client.
  std::vector<Alert> Accept(const FeedControl& feed) {
    return ingest.Accept(kDevice, feed, {}, nullptr);
  }

  LogCapture log;
  ManualScheduler scheduler;
  FakeFleetUpdates fleet;
  FakeRuleEvaluator rules;
  CollectorStats stats;
  Ingest ingest{scheduler, fleet, rules, stats};
};

TEST_CASE_FIXTURE(IngestFixture, "a payload goes to the rules and to the fleet") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  CHECK(Accept(feed, 1, "run").empty());
  ingest.Close(kDevice, feed);

  CHECK(fleet.told ==
        Lines{"connected edge-07 10.0.0.1:1", "update edge-07 1", "disconnected edge-07"});
  CHECK(rules.observed == std::vector<std::uint64_t>{1});
  CHECK(stats.payloads_accepted == 1);
}

TEST_CASE_FIXTURE(IngestFixture,
                  "alerts come back to whoever sent the payload, and the fleet knows") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  rules.verdict = {.alerts = {{.rule = "CPU_HIGH"}, {.rule = "MEMORY_HIGH"}},
                   .firing_changed = true};
  rules.firing = {"CPU_HIGH", "MEMORY_HIGH"};
  CHECK(Accept(feed, 1, "run") == rules.verdict.alerts);
  CHECK(fleet.told.back() == "firing edge-07 CPU_HIGH MEMORY_HIGH");
  CHECK(stats.alerts_fired == 2);

  rules.verdict = {};
  CHECK(Accept(feed, 2, "run").empty());
  CHECK(fleet.told.back() == "update edge-07 2");
}

TEST_CASE_FIXTURE(IngestFixture, "a device that the fleet does not admit gets no feed") {
  fleet.full = true;
  FakeFeed feed;
  const Status status = Open(feed, "10.0.0.1:1");
  REQUIRE_FALSE(status);
  CHECK(status.error() == Error{Code::kResourceExhausted, "no room for edge-07"});
  CHECK(Accept(feed).empty());
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
  rules.verdict = {.alerts = {{.rule = "CPU_HIGH"}}, .firing_changed = true};

  CHECK(Accept(older).empty());
  ingest.Close(kDevice, older);

  CHECK(fleet.Take().empty());
  CHECK(stats.payloads_accepted == 0);
  CHECK(Accept(newer).size() == 1);
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
  ingest.Accept("a", one, {.sequence = 5}, Run("r"));
  ingest.Accept("b", other, {.sequence = 5}, Run("r"));
  CHECK(stats.payloads_accepted == 2);
}

TEST_CASE_FIXTURE(IngestFixture, "what was accepted already is counted and goes no further") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1", "run"));
  for (const std::uint64_t sequence : {1U, 2U, 3U}) Accept(feed, sequence, "run");
  ingest.Close(kDevice, feed);

  FakeFeed again;
  REQUIRE(Open(again, "10.0.0.1:2", "run"));
  for (const std::uint64_t sequence : {2U, 3U, 4U}) Accept(again, sequence, "run");

  CHECK(stats.payloads_duplicate == 2);
  CHECK(stats.payloads_accepted == 4);
  CHECK(rules.observed == std::vector<std::uint64_t>{1, 2, 3, 4});
  CHECK(fleet.told.back() == "update edge-07 4");
}

TEST_CASE_FIXTURE(IngestFixture, "a gap in the sequence is no duplicate: the outbox was full") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1", "run"));
  for (const std::uint64_t sequence : {1U, 100U, 101U}) Accept(feed, sequence, "run");
  CHECK(stats.payloads_accepted == 3);
}

TEST_CASE_FIXTURE(IngestFixture, "a new run of the agent starts anew") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1", "first"));
  for (const std::uint64_t sequence : {1U, 2U, 3U}) Accept(feed, sequence, "first");
  ingest.Close(kDevice, feed);
  REQUIRE(Open(feed, "10.0.0.1:2", "second"));
  Accept(feed, 1, "second");
  CHECK(stats.payloads_accepted == 4);
  CHECK(stats.payloads_duplicate == 0);
}

TEST_CASE_FIXTURE(IngestFixture, "an original client's payloads are never duplicates") {
  FakeFeed feed;
  REQUIRE(Open(feed, "10.0.0.1:1"));
  for (int i = 0; i < 5; ++i) Accept(feed);
  Accept(feed, 0, "run");
  CHECK(stats.payloads_accepted == 6);
}

TEST_CASE_FIXTURE(IngestFixture, "an agent that reconnects often is not taken for two devices") {
  std::vector<FakeFeed> feeds(50);
  for (FakeFeed& feed : feeds) {
    CHECK(Open(feed, "10.0.0.1:1", "run"));
    Accept(feed, 1, "run");
  }
  CHECK(stats.feeds_refused_conflict == 0);
}

TEST_CASE_FIXTURE(IngestFixture, "a device that restarts often is not taken for two") {
  std::vector<FakeFeed> feeds(50);
  int run = 0;
  for (FakeFeed& feed : feeds) {
    CHECK(Open(feed, "10.0.0.1:1", std::to_string(++run)));
    Accept(feed, 1, std::to_string(run));
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
      Accept(first);
      Accept(second);
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
