#include "common/base/allowances.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace edgefeed {
namespace {

constexpr SteadyTime kNow{std::chrono::hours(1)};

TEST_CASE("each has an allowance of its own, and who is only asked about has none") {
  Allowances allowances;
  CHECK(allowances.Known("a") == nullptr);
  CHECK(allowances.size() == 0);
  CHECK(allowances.Of("a").Take(kNow, 1, 1));
  CHECK_FALSE(allowances.Known("a")->Take(kNow, 1, 1));
  CHECK(allowances.Of("b").Take(kNow, 1, 1));
}

TEST_CASE("of very many it is known what they took; then all start again") {
  Allowances allowances;
  for (std::size_t i = 0; i < Allowances::kMost; ++i) allowances.Of(std::to_string(i));
  CHECK(allowances.Of("0").Take(kNow, 1, 1));
  CHECK_FALSE(allowances.Of("0").Take(kNow, 1, 1));
  CHECK(allowances.size() == Allowances::kMost);
  allowances.Of("one more");
  CHECK(allowances.size() == 1);
  CHECK(allowances.Of("0").Take(kNow, 1, 1));
}

}  // namespace
}  // namespace edgefeed
