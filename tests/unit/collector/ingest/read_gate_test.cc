#include "collector/ingest/read_gate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/support/fake_sample_store.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

struct Feed final : ReadGate::Reader {
  void ReadOn() override { ++reads; }
  int reads = 0;
};

struct GateFixture {
  ManualScheduler scheduler;
  FakeSampleStore store;
  CollectorStats stats;
  ReadGate gate{scheduler, store, stats};
};

TEST_CASE_FIXTURE(GateFixture, "feeds read on at once while the store has room") {
  Feed feed;
  CHECK(gate.MayRead(feed));
  scheduler.Advance(std::chrono::seconds(1));
  CHECK(feed.reads == 0);
  CHECK(stats.feeds_slowed == 0);
}

TEST_CASE_FIXTURE(GateFixture, "a feed waits until the store has room, and is told once") {
  Feed feed;
  store.has_room = false;
  CHECK_FALSE(gate.MayRead(feed));
  scheduler.Advance(std::chrono::seconds(1));
  CHECK(feed.reads == 0);
  store.has_room = true;
  scheduler.Advance(std::chrono::seconds(1));
  CHECK(feed.reads == 1);
  CHECK(stats.feeds_slowed == 1);
  CHECK(gate.MayRead(feed));
}

TEST_CASE_FIXTURE(GateFixture, "who comes later does not overtake those who wait") {
  Feed first;
  Feed second;
  store.has_room = false;
  CHECK_FALSE(gate.MayRead(first));
  store.has_room = true;
  CHECK_FALSE(gate.MayRead(second));
  scheduler.Advance(ReadGate::kStep);
  CHECK(first.reads == 1);
  CHECK(second.reads == 1);
}

TEST_CASE_FIXTURE(GateFixture, "not all go on at once, and none when room has gone again") {
  std::vector<Feed> feeds(3 * ReadGate::kReadersAStep);
  const auto reading = [&] {
    return static_cast<std::size_t>(
        std::ranges::count_if(feeds, [](const Feed& feed) { return feed.reads == 1; }));
  };
  store.has_room = false;
  for (Feed& feed : feeds) CHECK_FALSE(gate.MayRead(feed));
  store.has_room = true;
  scheduler.Advance(ReadGate::kStep);
  CHECK(reading() == ReadGate::kReadersAStep);
  store.has_room = false;
  scheduler.Advance(10 * ReadGate::kStep);
  CHECK(reading() == ReadGate::kReadersAStep);
  store.has_room = true;
  scheduler.Advance(10 * ReadGate::kStep);
  CHECK(reading() == feeds.size());
}

TEST_CASE_FIXTURE(GateFixture, "a feed that is over is not told") {
  Feed gone;
  Feed other;
  store.has_room = false;
  CHECK_FALSE(gate.MayRead(gone));
  CHECK_FALSE(gate.MayRead(other));
  gate.Forget(gone);
  store.has_room = true;
  scheduler.Advance(ReadGate::kStep);
  CHECK(gone.reads == 0);
  CHECK(other.reads == 1);
}

}  // namespace
}  // namespace edgefeed
