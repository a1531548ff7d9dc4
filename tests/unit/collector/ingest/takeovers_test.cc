#include "collector/ingest/takeovers.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

TEST_CASE("three contested takeovers within five minutes are a conflict") {
  SteadyTime now{1h};
  Takeovers takeovers;
  CHECK_FALSE(takeovers.InConflict(now));
  takeovers.Contested(now);
  takeovers.Contested(now += 1min);
  CHECK_FALSE(takeovers.InConflict(now));
  takeovers.Contested(now += 1min);
  CHECK(takeovers.InConflict(now));

  CHECK(takeovers.InConflict(now + 3min - 1ms));
  CHECK_FALSE(takeovers.InConflict(now + 3min));  // The first is five minutes old.
}

TEST_CASE("a device that is contested now and then is no conflict") {
  SteadyTime now{1h};
  Takeovers takeovers;
  for (int i = 0; i < 100; ++i) {
    takeovers.Contested(now += 151s);
    CHECK_FALSE(takeovers.InConflict(now));
  }
}

}  // namespace
}  // namespace edgefeed
