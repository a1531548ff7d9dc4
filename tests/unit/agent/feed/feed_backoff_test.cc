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

// Longer than any wait.
constexpr milliseconds kNever = 10min;

// What a collector says that has no room, and wants to be asked again after so long.
Error Full(milliseconds retry_after) { return {Code::kResourceExhausted, "full", retry_after}; }

// Ends the open connection; how long until the next is opened, rounded up to 10 ms.
milliseconds WaitAfterLoss(FeedFixture& fixture, const Error& why = FeedFixture::Lost()) {
  const std::size_t calls = fixture.net.calls().size();
  fixture.net.last().Close(why);
  fixture.scheduler.RunUntilIdle();
  milliseconds waited{0};
  for (; fixture.net.calls().size() == calls && waited < kNever; waited += 10ms) {
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

TEST_CASE("a collector that says when to come back is asked no sooner, and not by all at once") {
  milliseconds least = kNever;
  milliseconds most{0};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    FeedFixture fixture(Seeded(seed));
    fixture.feed.Start();
    const milliseconds wait = WaitAfterLoss(fixture, Full(7s));
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  CHECK(least >= 7s);
  CHECK(least < 7s + 250ms);
  CHECK(most > 7s + 750ms);
  CHECK(most <= 8s);
}

TEST_CASE("each refusal adds to the wait that the collector asks for, as each failure does") {
  milliseconds longest{0};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    FeedFixture fixture(Seeded(seed));
    fixture.feed.Start();
    for (int i = 0; i < 4; ++i) CHECK(WaitAfterLoss(fixture, Full(2s)) >= 2s);
    longest = std::max(longest, WaitAfterLoss(fixture, Full(2s)));
  }
  CHECK(longest > 2s + 12s);
  CHECK(longest <= 2s + 16s);
}

TEST_CASE("no collector makes a feed wait so long that it looks as if it stood still") {
  FeedFixture fixture(Seeded(1));
  fixture.feed.Start();
  const milliseconds wait = WaitAfterLoss(fixture, Full(24h));
  CHECK(wait >= 5min);
  CHECK(wait <= 5min + 1s);
}

// Where the feed has gone, one letter each.
std::string Hosts(FeedFixture& fixture) {
  std::string hosts;
  for (const auto& call : fixture.net.calls()) hosts += call.collector.host;
  return hosts;
}

TEST_CASE("while one collector asks to wait, the others are tried as ever") {
  FeedFixture fixture({.collectors = {{"a", 1}, {"b", 2}, {"c", 3}}, .backoff_seed = 1});
  fixture.feed.Start();
  CHECK(WaitAfterLoss(fixture) == 0ms);
  CHECK(WaitAfterLoss(fixture, Full(5min)) == 0ms);  // That was b.
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    const milliseconds wait = WaitAfterLoss(fixture);
    CHECK(wait > 0ms);
    CHECK(wait <= 4s);
    CHECK(WaitAfterLoss(fixture) == 0ms);
  }
  CHECK(Hosts(fixture) == "abcacacac");
}

TEST_CASE("the last of a round asks to wait: the round is over without it") {
  FeedFixture fixture({.collectors = {{"a", 1}, {"b", 2}}, .backoff_seed = 1});
  fixture.feed.Start();
  CHECK(WaitAfterLoss(fixture) == 0ms);
  CHECK(WaitAfterLoss(fixture, Full(5min)) > 0ms);
  for (int round = 0; round < 3; ++round) CHECK(WaitAfterLoss(fixture) > 0ms);
  CHECK(Hosts(fixture) == "abaaaa");
}

TEST_CASE("when all collectors ask to wait, the one that asks for least is the next") {
  FeedFixture fixture({.collectors = {{"a", 1}, {"b", 2}}, .backoff_seed = 1});
  fixture.feed.Start();
  CHECK(WaitAfterLoss(fixture, Full(60s)) == 0ms);
  const milliseconds wait = WaitAfterLoss(fixture, Full(9s));
  CHECK(wait >= 9s);
  CHECK(wait <= 10s);
  CHECK(Hosts(fixture) == "abb");
}

}  // namespace
}  // namespace edgefeed
