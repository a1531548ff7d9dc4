#pragma once

#include <string>
#include <vector>

#include "agent/feed/feed.h"
#include "agent/outbox/outbox.h"
#include "tests/support/fake_transport.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {

struct FakeAlertSink final : public AlertSink {
  void Accept(const Alert& alert) override { alerts.push_back(alert); }
  std::vector<Alert> alerts;
};

// A feed between a real outbox and a network that the test plays.
class FeedFixture {
 public:
  using Lines = std::vector<std::string>;
  using Call = FakeTransport::Call;

  explicit FeedFixture(FeedConfig config = {.collectors = {{"collector", 50051}}})
      : feed(std::move(config), scheduler, net, outbox, alerts) {
    outbox.OnArrival([this] { feed.Wake(); });
  }

  // Takes the next `count` samples.
  void Sample(int count = 1) {
    for (int i = 0; i < count; ++i) outbox.Accept({.sequence = ++sequence_});
  }

  // Starts, and the collector answers that it knows everything.
  Call& StartAnswered() {
    feed.Start();
    net.last().Answer(kAllFeatures);
    return net.last();
  }

  // Starts with a collector that never says what it knows, until the feed takes it for an original.
  Call& StartOriginal() {
    feed.Start();
    scheduler.Advance(std::chrono::seconds(2));
    return net.last();
  }

  // Loses the connection; answers the next one as soon as it is there.
  Call& Reconnect(const Error& why = Lost()) {
    net.last().Close(why);
    WaitForConnection();
    net.last().Answer(kAllFeatures);
    return net.last();
  }

  void WaitForConnection() {
    while (!net.last().open()) scheduler.Advance(std::chrono::milliseconds(100));
  }

  static Error Lost() { return {Code::kUnavailable, "connection reset"}; }

  LogCapture log;
  ManualScheduler scheduler;
  FakeTransport net;
  Outbox outbox{MiB(1)};
  FakeAlertSink alerts;
  Feed feed;

 private:
  std::uint64_t sequence_ = 0;
};

}  // namespace edgefeed
