#include "collector/notify/courier.h"

#include <doctest/doctest.h>

#include <deque>

#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/unit/collector/notify/some_notification.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

// Its requests are numbers.
class NumberReceiver final : public Receiver {
 public:
  Result<HttpClient::Request> Tell(const Parcel& parcel, WallTime) override {
    if (unable) return Error{Code::kNotFound, "no secret"};
    return HttpClient::Request{.body = std::to_string(parcel.notification.number)};
  }
  HttpClient::Request Remind(std::span<const Notification> firing, WallTime) override {
    return {.body = "remind " + std::to_string(firing.size())};
  }
  bool unable = false;
};

struct Rig {
  std::deque<Result<HttpClient::Response>> answers;  // Afterwards: 200.
  std::vector<std::string> sent;
  std::vector<std::uint64_t> settled;
  std::vector<bool> reminded;
  ManualScheduler strand;
  NumberReceiver receiver;
  ReceiverStats stats;
  Courier courier{{.strand = strand,
                   .receiver = receiver,
                   .stats = stats,
                   .post = [this](const auto& request) { return Post(request); },
                   .settled = [this](std::uint64_t number) { settled.push_back(number); },
                   .reminded = [this](const Status& status) { reminded.push_back(status.ok()); },
                   .seed = 1}};

  Rig() { stats.name = "ops"; }

  Result<HttpClient::Response> Post(const HttpClient::Request& request) {
    sent.push_back(request.body);
    if (answers.empty()) return HttpClient::Response{.status = 200};
    auto answer = answers.front();
    answers.pop_front();
    return answer;
  }

  void Deliver(std::initializer_list<std::uint64_t> numbers) {
    std::vector<Parcel> parcels;
    for (const auto number : numbers) {
      parcels.push_back({.notification = SomeNotification(number, AlertChange::kFired)});
    }
    courier.Deliver(std::move(parcels));
    strand.RunUntilIdle();
  }
  void Answer(unsigned status) { answers.emplace_back(HttpClient::Response{.status = status}); }
};

using Numbers = std::vector<std::uint64_t>;
using Texts = std::vector<std::string>;

TEST_CASE("notifications go one after another, in order") {
  Rig rig;
  rig.Deliver({1, 2});
  rig.Deliver({3});
  CHECK(rig.sent == Texts{"1", "2", "3"});
  CHECK(rig.settled == Numbers{1, 2, 3});
  CHECK(rig.stats.sent == 3);
}

TEST_CASE("one that is not taken is sent again, and the next ones wait for it") {
  LogCapture log;
  Rig rig;
  rig.Answer(503);
  rig.Answer(429);
  rig.Answer(408);
  rig.answers.emplace_back(Error{Code::kUnavailable, "connection refused"});
  rig.Deliver({1, 2});
  CHECK(rig.settled.empty());

  rig.strand.Advance(5min);

  CHECK(rig.sent == Texts{"1", "1", "1", "1", "1", "2"});
  CHECK(rig.settled == Numbers{1, 2});
  CHECK(rig.stats.retried == 4);
  const auto lines = log.Take();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "warning receiver ops: HTTP 503; what is for it waits");
  CHECK(lines[1].starts_with("info receiver ops: takes notifications again, after "));
}

TEST_CASE("the pauses between tries grow up to a minute") {
  Rig rig;
  for (int i = 0; i < 10'000; ++i) rig.Answer(500);
  rig.Deliver({1});
  rig.strand.Advance(10h);
  // Full jitter: half a minute on average.
  CHECK(rig.sent.size() > 1000);
  CHECK(rig.sent.size() < 1500);
}

TEST_CASE("a receiver may say when it wants to be asked again, up to an hour") {
  Rig rig;
  rig.answers.emplace_back(HttpClient::Response{.status = 429, .body = {}, .retry_after = 600s});
  rig.answers.emplace_back(HttpClient::Response{.status = 503, .body = {}, .retry_after = 90'000s});
  rig.Deliver({1});
  rig.strand.Advance(599s);
  CHECK(rig.sent.size() == 1);
  rig.strand.Advance(1s);
  CHECK(rig.sent.size() == 2);
  rig.strand.Advance(3599s);
  CHECK(rig.sent.size() == 2);
  rig.strand.Advance(1s);
  CHECK(rig.settled == Numbers{1});
}

TEST_CASE("one that is refused is given up, and the next goes on") {
  LogCapture log;
  Rig rig;
  rig.answers.emplace_back(HttpClient::Response{.status = 400, .body = "bad\nthing"});
  rig.Answer(422);
  rig.Deliver({1, 2, 3});
  CHECK(rig.sent == Texts{"1", "2", "3"});
  CHECK(rig.settled == Numbers{1, 2, 3});
  CHECK(rig.stats.refused == 2);
  CHECK(rig.stats.sent == 1);
  CHECK(log.Take() == Texts{"error receiver ops: refuses notification 1, CPU_HIGH on edge-7: HTTP "
                            "400: bad thing; further ones are only counted"});
}

TEST_CASE("where somebody else answers, the receiver may come back within an hour") {
  Rig rig;
  for (int i = 0; i < 100'000; ++i) rig.Answer(404);
  rig.Deliver({1, 2});
  rig.strand.Advance(59min);
  CHECK(rig.settled.empty());
  rig.strand.Advance(3min);
  CHECK(rig.settled == Numbers{1});
  rig.answers.clear();
  rig.strand.Advance(2min);
  CHECK(rig.settled == Numbers{1, 2});
  CHECK(rig.stats.refused == 1);
}

TEST_CASE("a request that cannot be made now is made later") {
  Rig rig;
  rig.receiver.unable = true;
  rig.Deliver({1});
  rig.strand.Advance(1min);
  CHECK(rig.sent.empty());
  rig.receiver.unable = false;
  rig.strand.Advance(2min);
  CHECK(rig.settled == Numbers{1});
}

TEST_CASE("reminders do not wait for what is tried again, and say whether they were taken") {
  Rig rig;
  rig.Answer(500);
  rig.Deliver({1});
  rig.courier.Remind({SomeNotification(9, AlertChange::kFired)});
  rig.strand.RunUntilIdle();
  CHECK(rig.sent == Texts{"1", "remind 1"});
  rig.strand.Advance(2s);
  rig.Answer(500);
  rig.courier.Remind({});
  rig.strand.RunUntilIdle();
  CHECK(rig.reminded == std::vector<bool>{true, false});
  rig.Answer(400);  // Which must not keep the next ones from being said.
  rig.courier.Remind({});
  rig.strand.RunUntilIdle();
  CHECK(rig.reminded == std::vector<bool>{true, false, true});
}

TEST_CASE("a courier that was stopped, or whose request was cancelled, sends nothing more") {
  Rig rig;
  SUBCASE("stopped") {
    rig.Answer(500);
    rig.Deliver({1, 2});
    rig.courier.Stop();
  }
  SUBCASE("cancelled") {
    rig.answers.emplace_back(Error{Code::kCancelled, "cancelled"});
    rig.Deliver({1, 2});
  }
  rig.courier.Remind({});
  rig.Deliver({3});
  rig.strand.Advance(1h);
  CHECK(rig.sent == Texts{"1"});
  CHECK(rig.settled.empty());
}

}  // namespace
}  // namespace edgefeed
