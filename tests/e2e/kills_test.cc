// Either side is killed at any moment, again and again.

#include <doctest/doctest.h>

#include <random>

#include "tests/e2e/rig.h"
#include "tests/e2e/stored.h"
#include "tests/support/soak.h"

namespace edgefeed::e2e {
namespace {

using namespace std::chrono_literals;

// Counts what an agent had taken before each sample: 0, 1, 2 … in each of its runs.
struct Runs {
  int runs = 0;
  int breaks = 0;  // Places where the next number is neither the next nor a new run's first.
};

Runs CountRuns(const std::vector<HistoryBucket>& stored) {
  Runs runs;
  double last = -1;
  for (const HistoryBucket& sample : stored) {
    if (sample.last == 0) {
      ++runs.runs;
    } else if (sample.last != last + 1) {
      ++runs.breaks;
    }
    last = sample.last;
  }
  return runs;
}

TEST_CASE(
    "collector and agent are killed in turn: no sample is missing within a run, none doubled" *
    doctest::test_suite("soak")) {
  const int kills = LongOrShort(20, 10);
  const int longest_pause_ms = LongOrShort(59'000, 3000);
  RunningCollector collector("rules: []");
  RunningAgent agent({.name = "hardy", .collector = collector.address()});
  std::mt19937_64 random(Seed(20'261'126));
  const auto moment = [&](int most_ms) {
    return std::chrono::milliseconds(random() % static_cast<std::uint64_t>(most_ms));
  };
  for (int kill = 0; kill < kills; ++kill) {
    LetPass(500ms + moment(longest_pause_ms));
    if (kill % 2 == 0) {
      collector.program().Kill();
      LetPass(moment(1000));
      collector.Start();
    } else {
      // What an outage has left in memory goes with the agent: docs/ARCHITECTURE.md says how much.
      agent.AwaitDelivered();
      LetPass(moment(1000));
      agent.program().Kill();
      agent.Start();
    }
  }
  REQUIRE(agent.program().WaitForLine("connected to", 2 * kPatience));
  REQUIRE(collector.AwaitCaughtUp("hardy"));
  const AgentTotals totals = agent.Stop();
  CHECK(totals.dropped == 0);
  collector.program().Kill();
  static_cast<void>(collector.program().Wait(kPatience));

  const auto stored =
      ReadStored(collector.directory() / "data", "hardy", "agent_samples_collected_total");
  const Runs runs = CountRuns(stored);
  CHECK(runs.runs <= kills / 2 + 1);
  CHECK(runs.breaks == 0);
  CHECK(stored.size() >= totals.taken);
}

}  // namespace
}  // namespace edgefeed::e2e
