// A thousand agents after an outage.

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "agent/feed/feed.h"
#include "tests/support/fake_sample_queue.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::size_t kAgents = 1000;
constexpr milliseconds kOutage = 30s;
constexpr milliseconds kWindow = 100ms;

// The collector of a fleet, and the way to it: refuses or takes every feed, at once.
class FleetNetwork final : public Transport {
 public:
  explicit FleetNetwork(Scheduler& scheduler) : scheduler_(scheduler) {}

  std::unique_ptr<Connection> Open(const Endpoint& /*collector*/,
                                   ConnectionEvents& events) override {
    auto line = std::make_unique<Line>();
    scheduler_.Post([this, &events, alive = std::weak_ptr(line->alive)] {
      if (alive.expired()) return;
      if (!up) return events.OnClosed({Code::kUnavailable, "connection refused"}, Trouble::kTcp);
      connects.push_back(scheduler_.Now());
      open_.push_back({&events, alive});
      events.OnAnswered(kAllFeatures);
    });
    return line;
  }

  // With a sign of life on every feed that is open.
  void Stay(ManualScheduler& scheduler, milliseconds time) {
    for (milliseconds passed(0); passed < time; passed += 10s) {
      scheduler.Advance(10s);
      for (const auto& [events, alive] : open_) events->OnReply({});
    }
  }
  void Cut() {
    up = false;
    connects.clear();
    for (const auto& [events, alive] : std::exchange(open_, {})) {
      events->OnClosed({Code::kUnavailable, "connection reset"}, Trouble::kTcp);
    }
  }

  bool up = true;
  std::vector<SteadyTime> connects;  // Since the last cut.

 private:
  struct Line final : public Connection {
    void SendOriginal(const Sample& /*sample*/) override {}
    void SendHello(std::span<const StreamPosition> /*held*/,
                   milliseconds /*speaks_every*/) override {}
    void SendBatch(const SampleBatch& /*batch*/) override {}
    void SendPing() override {}
    void TakeAlerts(std::uint64_t /*number*/) override {}
    [[nodiscard]] bool established() const override { return true; }
    void HalfClose() override {}
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  };
  struct Answered {
    ConnectionEvents* events = nullptr;
    std::weak_ptr<bool> alive;
  };

  Scheduler& scheduler_;
  std::vector<Answered> open_;
};

struct Agent {
  Agent(Scheduler& scheduler, Transport& net, std::uint64_t seed)
      : feed({.collectors = {{"collector", 50051}}, .backoff_seed = seed}, scheduler, net, queue,
             clock, alerts) {
    feed.Start();
  }
  FakeSampleQueue queue;
  FakeSampleClock clock;
  FakeAlertSink alerts;
  Feed feed;
};

// When the feeds of one fleet are back: since the end of the outage, in order.
std::vector<milliseconds> ComeBack(std::uint64_t seed) {
  const LogCapture log;
  ManualScheduler scheduler;
  FleetNetwork net(scheduler);
  std::deque<Agent> agents;
  for (std::size_t i = 0; i < kAgents; ++i) {
    agents.emplace_back(scheduler, net, seed * kAgents + i);
  }
  net.Stay(scheduler, 70s);  // Healthy for more than a minute.
  net.Cut();
  scheduler.Advance(kOutage);
  net.up = true;
  const SteadyTime end_of_outage = scheduler.Now();
  net.Stay(scheduler, 60s);  // The longest wait there is.
  std::vector<milliseconds> back(net.connects.size());
  std::ranges::transform(net.connects, back.begin(), [&](SteadyTime at) {
    return std::chrono::duration_cast<milliseconds>(at - end_of_outage);
  });
  return back;
}

std::size_t MostInOneWindow(const std::vector<milliseconds>& back) {
  std::map<milliseconds::rep, std::size_t> windows;
  for (const milliseconds at : back) ++windows[at / kWindow];
  std::size_t most = 0;
  for (const auto& [window, count] : windows) most = std::max(most, count);
  return most;
}

// Connects per window until nine in ten are back.
double MeanOf(const std::vector<milliseconds>& back) {
  const std::size_t count = back.size() * 9 / 10;
  return static_cast<double>(count) * static_cast<double>(kWindow.count()) /
         static_cast<double>(back[count - 1].count());
}

// A thousand agents that come back over 40 s are two in 100 ms, and chance alone makes eight of
// them somewhere, however evenly they are drawn: a rate is only seen of more agents.
TEST_CASE("a fleet that comes back does so at most at three times its mean rate") {
  std::vector<milliseconds> all;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<milliseconds> back = ComeBack(seed);
    CAPTURE(seed);
    CHECK(back.size() == kAgents);
    CHECK(MostInOneWindow(back) <= kAgents / 50);
    all.insert(all.end(), back.begin(), back.end());
  }
  std::ranges::sort(all);
  CHECK(static_cast<double>(MostInOneWindow(all)) <= 3 * MeanOf(all));
}

}  // namespace
}  // namespace edgefeed
