#include "ctl/watcher.h"

#include <doctest/doctest.h>

#include "tests/support/manual_scheduler.h"
#include "tests/unit/ctl/fake_alert_client.h"
#include "tests/unit/ctl/fake_dump_client.h"

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

// A collector whose subscriptions the test drives by hand.
class FakeClient final : public CollectorClient {
 public:
  explicit FakeClient(Scheduler& scheduler) : scheduler_(scheduler) {}

  Result<std::vector<DeviceEntry>> ListDevices() override { return Unused(); }
  Result<DeviceSample> GetSnapshot(const std::string& /*device*/) override { return Unused(); }
  DumpClient& dumps() override { return dumps_; }
  AlertClient& alerts() override { return alerts_; }
  Result<std::vector<PastSeries>> GetHistory(const PastQuery& /*query*/) override {
    return std::vector<PastSeries>{};
  }
  Result<UploadReply> Upload(const std::string& /*name*/, ChunkSource& /*source*/) override {
    return Unused();
  }
  Result<UploadStep> BeginUpload(const SegmentedFile& /*file*/,
                                 std::chrono::milliseconds /*patience*/) override {
    return Unused();
  }
  Result<UploadStep> UploadSegment(const SegmentedFile& /*file*/, const FileSegment& /*segment*/,
                                   ChunkSource& /*source*/) override {
    return Unused();
  }
  Status AbortUpload(const SegmentedFile& /*file*/) override { return {}; }
  Result<BackupAmount> Backup(BackupSink& /*sink*/) override { return Unused(); }
  std::unique_ptr<Subscription> Subscribe(const SubscribeRequest& asked, Scheduler& /*scheduler*/,
                                          SubscriptionEvents& to) override {
    request = asked;
    events = &to;
    ++subscribes;
    return std::make_unique<FakeSubscription>(scheduler_, to);
  }

  SubscribeRequest request;
  SubscriptionEvents* events = nullptr;
  int subscribes = 0;

 private:
  struct FakeSubscription final : Subscription {
    FakeSubscription(Scheduler& on, SubscriptionEvents& to) : scheduler(on), events(to) {}
    void Cancel() override {
      scheduler.Post([to = &events] { to->OnEnd({Code::kCancelled, "cancelled"}); });
    }
    Scheduler& scheduler;
    SubscriptionEvents& events;
  };

  static Error Unused() { return {Code::kUnimplemented, "not part of a watch"}; }

  Scheduler& scheduler_;
  FakeDumpClient dumps_;
  FakeAlertClient alerts_;
};

struct RecordingView final : WatchView {
  Status Show(const DeviceSample& sample) override {
    shown.push_back(sample.name);
    return result;
  }
  void ShowNote(const std::string& note) override { notes.push_back(note); }
  std::vector<std::string> shown;
  std::vector<std::string> notes;
  Status result;
};

// A watch under test.
struct Bench {
  explicit Bench(WatchOptions options = {})
      : watcher({client, scheduler, view}, std::move(options),
                Backoff({.first = milliseconds(500), .cap = milliseconds(5000)}, 1),
                [this](Status result) { results.push_back(std::move(result)); }) {
    watcher.Start();
  }
  void End(Code code) {
    client.events->OnEnd({code, "why"});
    scheduler.RunUntilIdle();
  }
  void Refuse(milliseconds retry_after) {
    client.events->OnEnd({Code::kResourceExhausted, "full", retry_after});
    scheduler.RunUntilIdle();
  }
  void WaitForRetry() { scheduler.Advance(milliseconds(5001)); }

  ManualScheduler scheduler;
  FakeClient client{scheduler};
  RecordingView view;
  std::vector<Status> results;
  Watcher watcher;
};

TEST_CASE("a watch asks for what its options say") {
  Bench bench({.device = "a", .interval = milliseconds(700), .detail = SampleDetail::kReadings});
  CHECK(bench.client.request.device == "a");
  CHECK(bench.client.request.interval == milliseconds(700));
  CHECK(bench.client.request.detail == SampleDetail::kReadings);
}

TEST_CASE("a watch ends after its count, and shows nothing more") {
  Bench bench({.count = 2});
  for (const char* name : {"a", "b", "c"}) bench.client.events->OnSample({.name = name});
  bench.scheduler.RunUntilIdle();

  CHECK(bench.view.shown == std::vector<std::string>{"a", "b"});
  REQUIRE(bench.results.size() == 1);
  CHECK(bench.results[0].ok());
}

TEST_CASE("a collector that was never reached is an error") {
  Bench bench;
  bench.End(Code::kUnavailable);

  REQUIRE(bench.results.size() == 1);
  CHECK(bench.results[0].error().code == Code::kUnavailable);
}

TEST_CASE("a collector that says when to come back is asked again then, and the user is told") {
  Bench bench;
  for (int tries = 1; tries <= 3; ++tries) {
    CAPTURE(tries);
    CHECK(bench.client.subscribes == tries);
    bench.Refuse(milliseconds(30'000));
    bench.scheduler.Advance(milliseconds(29'999));
    CHECK(bench.client.subscribes == tries);
    bench.WaitForRetry();
  }
  CHECK(bench.client.subscribes == 4);
  CHECK(bench.view.notes == std::vector<std::string>{"refused for now, trying again: full"});
  bench.client.events->OnOpen();
  CHECK(bench.view.notes.back().empty());
  CHECK(bench.results.empty());
}

TEST_CASE("a watch that is not to come back ends with what refused it") {
  Bench bench({.reconnect = false});
  bench.Refuse(milliseconds(30'000));
  REQUIRE(bench.results.size() == 1);
  CHECK(bench.results[0].error().message == "full");
}

TEST_CASE("a collector that goes away is tried again, with one note for all tries") {
  Bench bench;
  bench.client.events->OnOpen();
  for (int i = 0; i < 3; ++i) {
    bench.End(Code::kUnavailable);
    bench.WaitForRetry();
  }

  CHECK(bench.client.subscribes == 4);
  REQUIRE(bench.view.notes.size() == 1);
  CHECK(bench.view.notes[0].starts_with("connection lost, trying again: "));
  CHECK(bench.results.empty());

  bench.client.events->OnSample({.name = "a"});
  REQUIRE(bench.view.notes.size() == 2);
  CHECK(bench.view.notes[1] == "");
}

TEST_CASE("a device that a restarted collector does not know yet is waited for") {
  Bench bench({.device = "a"});
  bench.client.events->OnSample({.name = "a"});
  bench.End(Code::kUnavailable);
  bench.WaitForRetry();
  bench.End(Code::kNotFound);
  bench.WaitForRetry();

  CHECK(bench.client.subscribes == 3);
}

TEST_CASE("a collector that refuses is not asked again") {
  for (const Code code : {Code::kPermissionDenied, Code::kUnauthenticated, Code::kUnimplemented,
                          Code::kInvalidArgument}) {
    Bench bench;
    bench.client.events->OnOpen();
    bench.End(code);
    bench.WaitForRetry();

    CHECK(bench.client.subscribes == 1);
    REQUIRE(bench.results.size() == 1);
    CHECK(bench.results[0].error().code == code);
  }
}

TEST_CASE("without reconnecting the first end is the last") {
  Bench bench({.reconnect = false});
  bench.client.events->OnOpen();
  bench.End(Code::kUnavailable);

  CHECK(bench.results.size() == 1);
}

TEST_CASE("a stopped watch ends without an error, once") {
  Bench bench;
  bench.client.events->OnOpen();
  bench.watcher.Stop();
  bench.watcher.Stop();
  bench.scheduler.RunUntilIdle();
  bench.WaitForRetry();

  REQUIRE(bench.results.size() == 1);
  CHECK(bench.results[0].ok());
  CHECK(bench.client.subscribes == 1);
}

TEST_CASE("a watch can be stopped while it waits to try again") {
  Bench bench;
  bench.client.events->OnOpen();
  bench.End(Code::kUnavailable);
  bench.watcher.Stop();
  bench.WaitForRetry();

  REQUIRE(bench.results.size() == 1);
  CHECK(bench.results[0].ok());
  CHECK(bench.client.subscribes == 1);
}

TEST_CASE("a view that cannot show ends the watch with its error") {
  Bench bench;
  bench.view.result = Error{Code::kInternal, "disk full"};
  bench.client.events->OnSample({.name = "a"});
  bench.scheduler.RunUntilIdle();

  REQUIRE(bench.results.size() == 1);
  CHECK(bench.results[0].error().message == "disk full");
}

}  // namespace
}  // namespace edgefeed
