#include "agent/outbox/sequence_set.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

namespace edgefeed {
namespace {

std::uint64_t CountUpTo(const std::set<std::uint64_t>& set, std::uint64_t last) {
  return static_cast<std::uint64_t>(std::distance(set.begin(), set.upper_bound(last)));
}

void CheckSame(const SequenceSet& set, const std::set<std::uint64_t>& plain, std::uint64_t probe) {
  const auto above = plain.upper_bound(probe);
  CHECK(set.Next(probe) == (above == plain.end() ? std::nullopt : std::optional(*above)));
  CHECK(set.Contains(probe) == plain.contains(probe));
  CHECK(set.CountUpTo(probe) == CountUpTo(plain, probe));
  CHECK(set.size() == plain.size());
  CHECK(set.empty() == plain.empty());
}

TEST_CASE("a sequence set is a set of numbers, whatever is done to it") {
  std::mt19937_64 random(17);
  for (int trial = 0; trial < 200; ++trial) {
    SequenceSet set;
    std::set<std::uint64_t> plain;
    std::uint64_t last = 0;
    for (int step = 0; step < 100; ++step) {
      const std::uint64_t number = random() % (last + 2);
      if (random() % 2 == 0) {
        last += 1 + random() % 5 / 4;
        set.Append(last);
        plain.insert(last);
      } else if (random() % 8 != 0) {
        CHECK(set.Erase(number) == (plain.erase(number) == 1));
      } else {
        CHECK(set.EraseUpTo(number / 2) == CountUpTo(plain, number / 2));
        plain.erase(plain.begin(), plain.upper_bound(number / 2));
      }
      CheckSame(set, plain, random() % (last + 2));
    }
  }
}

}  // namespace
}  // namespace edgefeed
