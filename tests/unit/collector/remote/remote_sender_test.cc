#include "collector/remote/remote_sender.h"

#include <doctest/doctest.h>
#include <snappy.h>

#include <map>
#include <set>

#include "remote_write.pb.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/collector/remote/fake_stored_samples.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using Answer = Result<HttpClient::Response>;

constexpr std::uint64_t kSeed = 7;

Answer Status(unsigned status, const std::string& body = "") {
  return HttpClient::Response{.status = status, .body = body, .retry_after = {}};
}

// A sender whose store is the test.
struct SenderFixture {
  SenderFixture() { config = Config(); }
  static RemoteWriteConfig Config() {
    RemoteWriteConfig config;
    config.name = "store";
    config.url = "http://store/write";
    config.batch_size = 300;
    return config;
  }
  void Start() {
    auto made = std::make_unique<FakeStoredSamples>();
    reader = made.get();
    sender = std::make_unique<RemoteSender>(
        config, RemoteCursor(directory.path(), config.name), scheduler,
        [this](const HttpClient::Request& request) { return Take(request); }, stats, kSeed);
    sender->Start(std::move(made));
    scheduler.RunUntilIdle();
  }
  Answer Take(const HttpClient::Request& request) {
    times.push_back(scheduler.Now());
    requests.push_back(request);
    if (!answers.empty()) {
      auto answer = std::move(answers.front());
      answers.pop_front();
      if (!answer || answer->status >= 300) return answer;
    } else if (down) {
      return Error{Code::kUnavailable, "connection refused"};
    }
    std::string plain;
    remote_write::WriteRequest body;
    REQUIRE(snappy::Uncompress(request.body.data(), request.body.size(), &plain));
    REQUIRE(body.ParseFromString(plain));
    for (const auto& series : body.timeseries()) {
      for (const auto& sample : series.samples()) {
        ++taken[{series.labels(0).value(), sample.timestamp() / 1000}];
      }
    }
    return Status(204);
  }
  void Put(int first, int last) {
    for (int second = first; second <= last; ++second) reader->Put("a", second, second);
    sender->Pump();
    scheduler.RunUntilIdle();
  }
  [[nodiscard]] std::uint64_t Dropped(RemoteDrop why) const {
    return stats.values_dropped[static_cast<std::size_t>(why)];
  }
  // Every sample of these seconds is there, once.
  void CheckTaken(int first, int last) const {
    CHECK(taken.size() == 3 * static_cast<std::size_t>(last - first + 1));
    for (const auto& [key, count] : taken) CHECK(count == 1);
  }

  TempDir directory;
  LogCapture log;
  RemoteWriteConfig config;
  ManualScheduler scheduler;
  RemoteWriteStats stats{"store"};
  std::deque<Answer> answers;  // Then 204, or none while it is down.
  bool down = false;
  std::vector<HttpClient::Request> requests;
  std::vector<SteadyTime> times;
  std::map<std::pair<std::string, std::int64_t>, int> taken;  // Metric and second.
  FakeStoredSamples* reader = nullptr;
  std::unique_ptr<RemoteSender> sender;
};

TEST_CASE_FIXTURE(SenderFixture, "samples are sent once, in batches, and how far is kept") {
  Start();
  Put(1, 250);
  CHECK(requests.size() == 2);  // Of 100 samples each; the rest waits for more.
  scheduler.Advance(5s);
  CHECK(requests.size() == 3);
  CheckTaken(1, 250);
  CHECK(stats.values_sent == 750);
  CHECK(stats.oldest_unsent_ms == 0);
  CHECK(reader->done == 250);
  CHECK(RemoteCursor(directory.path(), "store").Load() == 250);
}

TEST_CASE_FIXTURE(SenderFixture,
                  "the protocol's headers are there, and those of the configuration") {
  config.headers = {{"X-Scope-OrgID", "lab"}};
  config.user = "me";
  config.password_file = directory.Write("password", "secret\n");
  Start();
  Put(1, 1);
  REQUIRE(requests.size() == 1);
  std::set<std::string> headers;
  for (const auto& header : requests[0].headers) headers.insert(header.name + ": " + header.value);
  for (const char* wanted : {"Content-Type: application/x-protobuf", "Content-Encoding: snappy",
                             "X-Prometheus-Remote-Write-Version: 0.1.0",
                             "Authorization: Basic bWU6c2VjcmV0", "X-Scope-OrgID: lab"}) {
    CAPTURE(wanted);
    CHECK(headers.contains(wanted));
  }
  CHECK(requests[0].url == "http://store/write");
}

TEST_CASE_FIXTURE(SenderFixture, "a token that changes is used for the next request") {
  config.bearer_token_file = directory.Write("token", "one\n");
  Start();
  Put(1, 1);
  static_cast<void>(directory.Write("token", "two\n"));
  scheduler.Advance(5s);
  Put(2, 2);
  scheduler.Advance(5s);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].headers.back() == HttpHeader{"Authorization", "Bearer one"});
  CHECK(requests[1].headers.back() == HttpHeader{"Authorization", "Bearer two"});
}

TEST_CASE_FIXTURE(SenderFixture,
                  "while a store is down nothing is lost, and it is tried ever less") {
  Start();
  down = true;
  Put(1, 10);
  scheduler.Advance(1h);
  const std::size_t tries = requests.size();
  CHECK(tries > 100);  // Once in 15 s on average.
  CHECK(tries < 500);
  CHECK(stats.requests_failed == tries);
  CHECK(stats.oldest_unsent_ms == 1000);
  CHECK(reader->done == 0);
  down = false;
  scheduler.Advance(30s);
  CheckTaken(1, 10);
  CHECK(log.Take().size() == 2);  // That it fails, and that it does no more.
}

TEST_CASE_FIXTURE(SenderFixture, "a store that says when to come again is left alone until then") {
  Start();
  answers = {HttpClient::Response{.status = 429, .body = "slow down", .retry_after = 120s}};
  Put(1, 1);
  Put(2, 200);  // More is stored meanwhile.
  scheduler.Advance(119s);
  CHECK(requests.size() == 1);
  scheduler.Advance(20s);
  CheckTaken(1, 200);
}

TEST_CASE_FIXTURE(SenderFixture, "what is refused is counted by reason, and not sent again") {
  Start();
  answers = {Status(400, "out of order sample"), Status(204), Status(400, "out of order sample")};
  Put(1, 2);
  scheduler.Advance(1min);
  CHECK(requests.size() == 3);
  CHECK(Dropped(RemoteDrop::kOutOfOrder) == 3);
  CHECK(stats.values_sent == 3);
  CHECK(stats.requests_failed == 0);
  CHECK(reader->done == 2);
}

TEST_CASE_FIXTURE(SenderFixture,
                  "a failure in the middle of a batch repeats only what was not taken") {
  Start();
  answers = {Status(413), Status(204), Status(503)};
  Put(1, 4);
  scheduler.Advance(1min);
  CheckTaken(1, 4);
  CHECK(stats.values_sent == 12);
}

TEST_CASE_FIXTURE(SenderFixture, "what is kept no longer is left out and counted") {
  Start();
  down = true;
  Put(1, 500);
  scheduler.Advance(1min);
  CHECK(Dropped(RemoteDrop::kRetention) == 0);
  reader->expired = 400;
  down = false;
  answers = {Error{Code::kUnavailable, "connection refused"}};
  scheduler.Advance(2min);
  CHECK(Dropped(RemoteDrop::kRetention) == 1200);
  CheckTaken(401, 500);
  CHECK(RemoteCursor(directory.path(), "store").Load() == 500);
}

TEST_CASE_FIXTURE(SenderFixture, "samples that cannot be read are counted") {
  Start();
  reader->unreadable = 3;
  Put(1, 1);
  CHECK(Dropped(RemoteDrop::kUnreadable) == 3);
}

TEST_CASE_FIXTURE(SenderFixture, "a sender that is gone does nothing more") {
  Start();
  down = true;
  Put(1, 300);
  const std::size_t tries = requests.size();
  sender.reset();
  scheduler.Advance(1h);
  CHECK(requests.size() == tries);
}

}  // namespace
}  // namespace edgefeed
