#include "agent/outbox/lanes.h"

#include <doctest/doctest.h>

#include <vector>

namespace edgefeed {
namespace {

// 1, 2, 3, … for names that a reader can follow.
std::function<StreamId()> Counting() {
  return [next = StreamId{0}]() mutable { return ++next; };
}

std::vector<StreamId> Ids(const Lanes& lanes) {
  std::vector<StreamId> ids;
  for (const StreamState& stream : lanes.streams()) ids.push_back(stream.id);
  return ids;
}

bool All(StreamId /*stream*/) { return true; }
bool None(StreamId /*stream*/) { return false; }

TEST_CASE("a turn starts a new stream only when the live one was used") {
  Lanes lanes(Counting());
  lanes.Turn(All);
  CHECK(Ids(lanes) == std::vector<StreamId>{1});
  lanes.live().last = 3;
  lanes.Turn(All);
  CHECK(Ids(lanes) == std::vector<StreamId>{1, 2});
  CHECK(lanes.live().order > lanes.streams().front().order);
}

TEST_CASE("streams of which nothing is held are forgotten") {
  Lanes lanes(Counting());
  for (int turn = 0; turn < 200; ++turn) {
    lanes.live().last = 1;
    lanes.Turn(None);
    CHECK(lanes.streams().size() <= 2);
  }
}

TEST_CASE("with as many streams as may be, the newest goes on above a floor") {
  Lanes lanes(Counting());
  for (int turn = 0; turn < 100; ++turn) {
    lanes.live().last += 5;
    lanes.Turn(All);
  }
  CHECK(lanes.streams().size() == kMaxStreams);
  CHECK(lanes.live_floor() == lanes.live().last);
  CHECK(lanes.BacklogEnd(lanes.live()) == lanes.live_floor());
  CHECK(lanes.BacklogEnd(lanes.streams().front()) == Lanes::kNoLimit);

  lanes.live().last += 5;
  lanes.Turn(None);
  CHECK(lanes.live_floor() == 0);
  CHECK(lanes.live().last == 0);
}

TEST_CASE("a new stream is never 0 and has no name that is in use") {
  std::vector<StreamId> drawn = {9, 5, 7, 0, 7, 7, 0, 8, 8, 6};
  Lanes lanes([&drawn, next = std::size_t{0}]() mutable { return drawn[next++ % drawn.size()]; });
  lanes.AddRecovered({.id = 7, .order = 40, .last = 10});
  CHECK(Ids(lanes) == std::vector<StreamId>{7, 5});
  CHECK(lanes.live().order == 41);
  lanes.live().last = 1;
  lanes.Turn(All);
  CHECK(Ids(lanes) == std::vector<StreamId>{7, 5, 8});
}

}  // namespace
}  // namespace edgefeed
