#include "collector/rpc/feed_cost.h"

#include <doctest/doctest.h>

namespace edgefeed {
namespace {

TEST_CASE("what a payload costs: its bytes, but at least what it makes the collector do") {
  FeedMessage message;
  CHECK(FeedCost(10, message, 0) == 256);
  CHECK(FeedCost(1000, message, 0) == 1000);
  message.samples.resize(2);
  for (Sample& sample : message.samples) sample.readings.resize(100);
  CHECK(FeedCost(300, message, 0) == 1600);
  CHECK(FeedCost(300, message, 50) == 2000);
  CHECK(FeedCost(5000, message, 50) == 5000);
  message.rejected.resize(1);
  CHECK(FeedCost(300, message, 50) == 2000 + 65'536);
}

}  // namespace
}  // namespace edgefeed
