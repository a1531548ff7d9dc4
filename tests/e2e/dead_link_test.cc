// Links that lose everything without a word: no reset, no ICMP, nothing that a socket could tell.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/rig.h"
#include "tests/e2e/stored.h"
#include "tests/support/private_network.h"
#include "tests/support/soak.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A collector that is gone is noticed within 25 s, a device within 50 s (ADR 3); the rest is for a
// busy machine.
constexpr milliseconds kAgentNotices = 30s;
constexpr milliseconds kCollectorNotices = 60s;

enum class Pace { kIdle, kWriting };
enum class HealedWhen { kAgentNoticed, kBothNoticed };

// A device whose link dies once.
class Device {
 public:
  Device(PrivateNetwork& network, RunningCollector& collector, std::size_t number)
      : network_(network),
        collector_(collector),
        name_("far-" + std::to_string(number)),
        pace_(number % 2 == 0 ? Pace::kIdle : Pace::kWriting),
        healed_when_(number % 3 == 0 ? HealedWhen::kBothNoticed : HealedWhen::kAgentNoticed),
        host_(network.AddHost()),
        agent_({.name = name_,
                .collector = collector.address(),
                .interval = pace_ == Pace::kIdle ? "1h" : "100ms",
                .more = "allow_plaintext: true",
                .network = network.network_of(host_)}) {}

  // At a random moment; on a thread of its own.
  void LoseLink(std::uint64_t seed) {
    if (!agent_.program().WaitForLine("connected to", kPatience)) return;
    LetPass(milliseconds(std::mt19937_64(seed)() % 20'000));
    network_.Cut(host_);
    const auto cut = steady_clock::now();
    if (agent_.program().WaitForLine("lost collector", 2 * kAgentNotices)) {
      agent_noticed = Since(cut);
    }
    const auto connected = [&] {
      return collector_.DeviceMetric("edgefeed_device_connected", name_);
    };
    if (healed_when_ == HealedWhen::kBothNoticed) {
      if (Await([&] { return connected() == 0; }, 2 * kCollectorNotices)) {
        collector_noticed = Since(cut);
      }
    }
    network_.Heal(host_);
    is_back = agent_.program().WaitForLine("connected to", 2 * kPatience).has_value();
  }

  // Stops the agent, and returns how many samples it took.
  std::uint64_t Stop() {
    REQUIRE(collector_.AwaitCaughtUp(name_));
    const AgentTotals totals = agent_.Stop();
    CHECK(totals.dropped == 0);
    return totals.taken;
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_idle() const { return pace_ == Pace::kIdle; }
  [[nodiscard]] bool waits_for_collector() const {
    return healed_when_ == HealedWhen::kBothNoticed;
  }

  // What was seen.
  std::optional<milliseconds> agent_noticed;
  std::optional<milliseconds> collector_noticed;
  bool is_back = false;

 private:
  static milliseconds Since(steady_clock::time_point start) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
  }

  PrivateNetwork& network_;
  RunningCollector& collector_;
  std::string name_;
  Pace pace_;
  HealedWhen healed_when_;
  std::size_t host_;
  RunningAgent agent_;
};

void LoseAllLinks(std::deque<Device>& devices) {
  std::vector<std::jthread> threads;
  for (std::uint64_t seed = Seed(20'261'127); Device & device : devices) {
    threads.emplace_back([&device, seed] { device.LoseLink(seed); });
    ++seed;
  }
}

void CheckNoticed(const std::deque<Device>& devices) {
  milliseconds agents{0};
  milliseconds collector{0};
  for (const Device& device : devices) {
    CAPTURE(device.name());
    CAPTURE(device.is_idle());
    CHECK(device.is_back);
    REQUIRE(device.agent_noticed);
    CHECK(*device.agent_noticed <= kAgentNotices);
    agents = std::max(agents, *device.agent_noticed);
    if (!device.waits_for_collector()) continue;
    REQUIRE(device.collector_noticed);
    CHECK(*device.collector_noticed <= kCollectorNotices);
    collector = std::max(collector, *device.collector_noticed);
  }
  MESSAGE(devices.size(), " dead links: the agents noticed within ", agents.count(),
          " ms, the collector within ", collector.count(), " ms");
}

// What the agent had taken before each sample: 0, 1, 2 …
void CheckStoredOnce(const std::vector<HistoryBucket>& stored, std::uint64_t taken) {
  CHECK(stored.size() == taken);
  for (std::size_t i = 0; i < stored.size(); ++i) CHECK(stored[i].last == static_cast<double>(i));
}

void Run(PrivateNetwork& network) {
  RunningCollector collector("allow_plaintext: true\nrules: []", network.address());
  std::deque<Device> devices;
  for (int number = 0; number < LongOrShort(100, 6); ++number) {
    devices.emplace_back(network, collector, static_cast<std::size_t>(number));
  }
  LoseAllLinks(devices);
  CheckNoticed(devices);

  std::vector<std::uint64_t> taken(devices.size());
  std::ranges::transform(devices, taken.begin(), &Device::Stop);
  collector.program().Kill();  // What was acknowledged must be there all the same.
  static_cast<void>(collector.program().Wait(kPatience));
  for (std::size_t i = 0; i < devices.size(); ++i) {
    CAPTURE(devices[i].name());
    CheckStoredOnce(ReadStored(collector.directory() / "data", devices[i].name(),
                               "agent_samples_collected_total"),
                    taken[i]);
  }
}

TEST_CASE("a link that dies silently, idle or not, is noticed on both sides, and nothing is lost" *
          doctest::test_suite("soak")) {
  const auto network = PrivateNetwork::Create();
  if (network) return Run(**network);
  MESSAGE("SKIPPED: ", network.error().message, " (needs root and network namespaces)");
  CHECK(std::getenv("CI") == nullptr);  // NOLINT(concurrency-mt-unsafe): nobody sets any.
}

}  // namespace
}  // namespace edgefeed::e2e
