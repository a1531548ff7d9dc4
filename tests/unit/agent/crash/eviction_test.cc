#include "agent/crash/eviction.h"

#include <doctest/doctest.h>

#include <vector>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

TEST_CASE("the dump that is missed least goes first") {
  std::vector<Evictable> dumps = {
      {.id = "loop1", .signature = "loop", .bytes = 10, .sealed_at = 1s},
      {.id = "loop3", .signature = "loop", .bytes = 10, .sealed_at = 3s},
      {.id = "loop2", .signature = "loop", .bytes = 10, .sealed_at = 2s},
      {.id = "old", .signature = "other", .bytes = 500, .sealed_at = 0s},
      {.id = "pair1", .signature = "pair", .bytes = 12, .sealed_at = 4s},
      {.id = "pair2", .signature = "pair", .bytes = 12, .sealed_at = 5s},
      {.id = "poison", .signature = "p", .bytes = 1, .sealed_at = 6s, .is_quarantined = true},
  };
  std::vector<std::string> order;
  while (const auto victim = LeastMissed(dumps)) {
    order.push_back(*victim);
    std::erase_if(dumps, [&](const Evictable& dump) { return dump.id == *victim; });
  }
  CHECK(order ==
        std::vector<std::string>{"poison", "loop2", "pair1", "loop1", "old", "pair2", "loop3"});
}

}  // namespace
}  // namespace edgefeed
