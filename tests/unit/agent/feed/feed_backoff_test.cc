#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/agent/feed/feed_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr int kSeeds = 100;

FeedConfig Seeded(std::uint64_t seed) {
  return {.collectors = {{"collector", 50051}}, .backoff_seed = seed};
}

// Ends the open connection; how long until the next is opened, rounded up to 10 ms.
milliseconds WaitAfterLoss(FeedFixture& fixture) {
  const std::size_t calls = fixture.net.calls().size();
  fixture.net.last().Close(FeedFixture::Lost());
  fixture.scheduler.RunUntilIdle();
  milliseconds waited{0};
  for (; fixture.net.calls().size() == calls && waited <= 60s; waited += 10ms) {
    fixture.scheduler.Advance(10ms);
  }
  return waited;
}

// Keeps the connection open and alive.
void StayConnected(FeedFixture& fixture, milliseconds time) {
  fixture.net.last().Answer(kAllFeatures);
  for (; time > 0ms; time -= std::min<milliseconds>(time, 5s)) {
    fixture.scheduler.Advance(std::min<milliseconds>(time, 5s));
    fixture.net.last().Reply({});
  }
}

// The longest first wait after a connection of this length that came after many failures.
milliseconds LongestWaitAfterConnectionOf(milliseconds time) {
  milliseconds longest{0};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    FeedFixture fixture(Seeded(seed));
    fixture.feed.Start();
    for (int i = 0; i < 7; ++i) WaitAfterLoss(fixture);
    StayConnected(fixture, time);
    longest = std::max(longest, WaitAfterLoss(fixture));
  }
  return longest;
}

TEST_CASE("a feed waits between tries as Backoff says: evenly up to a ceiling that doubles") {
  const milliseconds ceilings[] = {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s};
  std::vector<milliseconds> least(std::size(ceilings), 60s);
  std::vector<milliseconds> most(std::size(ceilings), 0s);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    FeedFixture fixture(Seeded(seed));
    fixture.feed.Start();
    for (std::size_t i = 0; i < std::size(ceilings); ++i) {
      const milliseconds wait = WaitAfterLoss(fixture);
      least[i] = std::min(least[i], wait);
      most[i] = std::max(most[i], wait);
    }
  }
  for (std::size_t i = 0; i < std::size(ceilings); ++i) {
    CAPTURE(i);
    CHECK(most[i] <= ceilings[i]);
    CHECK(most[i] > ceilings[i] * 3 / 4);
    CHECK(least[i] < ceilings[i] / 4);
  }
}

TEST_CASE("only a connection that was healthy for a minute resets the waits") {
  CHECK(LongestWaitAfterConnectionOf(59s) > 30s);
  CHECK(LongestWaitAfterConnectionOf(61s) <= 1s);
}

TEST_CASE("several collectors are tried in turn at once, and only a full round waits") {
  FeedFixture fixture({.collectors = {{"a", 1}, {"b", 2}, {"c", 3}}, .backoff_seed = 1});
  fixture.feed.Start();
  CHECK(WaitAfterLoss(fixture) == 0ms);
  CHECK(WaitAfterLoss(fixture) == 0ms);
  CHECK(WaitAfterLoss(fixture) > 0ms);

  std::string hosts;
  for (const auto& call : fixture.net.calls()) hosts += call.collector.host;
  CHECK(hosts == "abca");
}

TEST_CASE(
    "a healthy connection that is lost does not make a fleet stampede to the next collector") {
  milliseconds longest{0};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    FeedFixture fixture({.collectors = {{"a", 1}, {"b", 2}}, .backoff_seed = seed});
    fixture.feed.Start();
    StayConnected(fixture, 61s);
    longest = std::max(longest, WaitAfterLoss(fixture));
    CHECK(fixture.net.last().collector.host == "b");
  }
  CHECK(longest > 500ms);
  CHECK(longest <= 1s);
}

}  // namespace
}  // namespace edgefeed
