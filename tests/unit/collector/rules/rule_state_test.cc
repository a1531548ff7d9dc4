#include "collector/rules/rule_state.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{1h};

TEST_CASE("a rule alerts when it starts to fire and again each repeat_interval") {
  RuleState state;
  CHECK_FALSE(state.Observe(false, 5min, kStart));
  CHECK_FALSE(state.firing());
  CHECK(state.Observe(true, 5min, kStart));
  CHECK(state.firing());
  CHECK_FALSE(state.Observe(true, 5min, kStart + 5min - 1ms));
  CHECK(state.Observe(true, 5min, kStart + 5min));
  CHECK_FALSE(state.Observe(true, 5min, kStart + 6min));
  CHECK(state.Observe(true, 5min, kStart + 10min));
}

TEST_CASE("a repeat_interval of 0 alerts for every sample") {
  RuleState state;
  for (int i = 0; i < 5; ++i) CHECK(state.Observe(true, 0ms, kStart));
}

TEST_CASE("a rule that stopped to fire alerts at once when it fires again") {
  RuleState state;
  CHECK(state.Observe(true, 5min, kStart));
  CHECK_FALSE(state.Observe(false, 5min, kStart + 1s));
  CHECK_FALSE(state.firing());
  CHECK(state.Observe(true, 5min, kStart + 2s));
}

}  // namespace
}  // namespace edgefeed
