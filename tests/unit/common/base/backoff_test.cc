#include "common/base/backoff.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace edgefeed {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

struct Spread {
  milliseconds least = milliseconds::max();
  milliseconds most{0};
};

// The extremes of the n-th wait (from 0) over many devices.
Spread SpreadOfWait(int n) {
  Spread spread;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Backoff backoff({.first = 1s, .cap = 60s}, seed);
    for (int i = 0; i < n; ++i) static_cast<void>(backoff.Next());
    const milliseconds wait = backoff.Next();
    spread.least = std::min(spread.least, wait);
    spread.most = std::max(spread.most, wait);
  }
  return spread;
}

TEST_CASE("a wait is drawn evenly from zero to a ceiling that doubles up to the cap") {
  const milliseconds ceilings[] = {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s};
  int n = 0;
  for (const milliseconds ceiling : ceilings) {
    CAPTURE(n);
    const Spread spread = SpreadOfWait(n++);
    CHECK(spread.least >= 0ms);
    CHECK(spread.least < ceiling / 20);
    CHECK(spread.most <= ceiling);
    CHECK(spread.most > ceiling - ceiling / 20);
  }
}

TEST_CASE("after a reset the first ceiling counts again") {
  Backoff backoff({.first = 10ms, .cap = 60s}, 1);
  for (int i = 0; i < 20; ++i) static_cast<void>(backoff.Next());

  for (int i = 0; i < 200; ++i) {
    backoff.Reset();
    CHECK(backoff.Next() <= 10ms);
  }
}

TEST_CASE("devices with different seeds do not retry in step, even at the cap") {
  Backoff one({.first = 1s, .cap = 60s}, 1);
  Backoff other({.first = 1s, .cap = 60s}, 2);
  int same = 0;
  for (int i = 0; i < 100; ++i) same += one.Next() == other.Next() ? 1 : 0;
  CHECK(same < 10);
}

}  // namespace
}  // namespace edgefeed
