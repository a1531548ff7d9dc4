#pragma once

#include <string>
#include <utility>
#include <vector>

#include "agent/feed/feed.h"
#include "tests/support/fake_sample_queue.h"
#include "tests/support/fake_transport.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {

struct FakeAlertSink final : public AlertSink {
  void Accept(const Alert& alert) override { alerts.push_back(alert); }
  std::vector<Alert> alerts;
};

// What it learned, and a boot at `boot`.
struct FakeSampleClock final : public SampleClock {
  WallTime At(std::chrono::milliseconds since_boot) override { return boot + since_boot; }
  void Learn(WallTime collector_time, std::chrono::milliseconds round_trip) override {
    learned.emplace_back(collector_time, round_trip);
  }
  [[nodiscard]] ClockTrust trust() const override {
    return is_known ? ClockTrust::kKernel : ClockTrust::kGuess;
  }
  WallTime boot;
  bool is_known = true;
  std::vector<std::pair<WallTime, std::chrono::milliseconds>> learned;
};

// A feed between a queue and a network that the test plays.
class FeedFixture {
 public:
  using Lines = std::vector<std::string>;
  using Call = FakeTransport::Call;

  explicit FeedFixture(FeedConfig config = {.collectors = {{"collector", 50051}}})
      : feed(std::move(config), scheduler, net, queue, clock, alerts) {}

  // Takes the next `count` samples.
  void Sample(int count = 1) {
    for (int i = 0; i < count; ++i) {
      queue.Arrive();
      feed.Wake();
    }
  }

  // The collector answers that it knows batches, and takes the hello.
  Call& Answer() {
    net.last().Answer(kAllFeatures);
    net.last().LetSend();
    return net.last();
  }
  // The same on the first connection.
  Call& StartAnswered() {
    feed.Start();
    return Answer();
  }

  // Starts with a collector that never says what it knows, until the feed takes it for an original.
  Call& StartOriginal() {
    feed.Start();
    scheduler.Advance(std::chrono::seconds(6));
    return net.last();
  }

  // Loses the connection; answers the next one as soon as it is there.
  Call& Reconnect(const Error& why = Lost()) {
    net.last().Close(why);
    WaitForConnection();
    return Answer();
  }

  void WaitForConnection() {
    while (!net.last().open()) scheduler.Advance(std::chrono::milliseconds(100));
  }

  static Error Lost() { return {Code::kUnavailable, "connection reset"}; }

  LogCapture log;
  ManualScheduler scheduler;
  FakeTransport net;
  FakeSampleQueue queue;
  FakeSampleClock clock;
  FakeAlertSink alerts;
  Feed feed;
};

}  // namespace edgefeed
