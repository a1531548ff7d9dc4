#include "common/runtime/tally.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace edgefeed {
namespace {

TEST_CASE("a tally counts each name up to its bound, and forgets those that there are none of") {
  Tally tally;
  CHECK(tally.Add("a", 2));
  CHECK(tally.Add("a", 2));
  CHECK_FALSE(tally.Add("a", 2));
  CHECK(tally.Add("b", 1));
  CHECK(tally.size() == 2);
  tally.Remove("a");
  CHECK(tally.Add("a", 2));
  CHECK_FALSE(tally.Add("a", 2));
  tally.Remove("a");
  tally.Remove("a");
  tally.Remove("b");
  CHECK(tally.size() == 0);
}

TEST_CASE("a name that may not be is not remembered") {
  Tally tally;
  CHECK_FALSE(tally.Add("a", 0));
  CHECK(tally.size() == 0);
}

TEST_CASE("however many threads add at once, there are never more than the bound") {
  constexpr int kThreads = 8;
  constexpr int kRounds = 2000;
  constexpr std::uint32_t kMost = 3;
  Tally tally;
  std::atomic<std::uint32_t> held{0};
  std::atomic<std::uint32_t> most_held{0};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        if (!tally.Add("a", kMost)) continue;
        const std::uint32_t now = ++held;
        std::uint32_t most = most_held;
        while (now > most && !most_held.compare_exchange_weak(most, now)) {
        }
        --held;
        tally.Remove("a");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most_held >= 1);
  CHECK(most_held <= kMost);
  CHECK(tally.size() == 0);
}

}  // namespace
}  // namespace edgefeed
