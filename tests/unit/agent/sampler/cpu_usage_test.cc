#include "agent/sampler/cpu_usage.h"

#include <doctest/doctest.h>

namespace edgefeed {

TEST_CASE("usage is the busy share of the time between two readings") {
  CpuUsage usage;
  CHECK(usage.Update({.busy = 1000, .total = 9000}) == 0);
  CHECK(usage.Update({.busy = 1025, .total = 9100}) == 25);
  CHECK(usage.Update({.busy = 1125, .total = 9200}) == 100);
  CHECK(usage.Update({.busy = 1125, .total = 9300}) == 0);
}

TEST_CASE("when no tick has passed the last value stands") {
  CpuUsage usage;
  usage.Update({.busy = 0, .total = 0});
  usage.Update({.busy = 50, .total = 100});
  CHECK(usage.Update({.busy = 50, .total = 100}) == 50);
}

TEST_CASE("usage has two decimals, which a column takes as a small integer") {
  CpuUsage usage;
  usage.Update({.busy = 0, .total = 0});
  CHECK(usage.Update({.busy = 1, .total = 3}) == 33.33);
  CHECK(usage.Update({.busy = 3, .total = 6}) == 66.67);
}

TEST_CASE("usage never leaves 0 to 100") {
  CpuUsage usage;
  usage.Update({.busy = 100, .total = 1000});
  // iowait was taken back by the kernel: more busy time than time.
  CHECK(usage.Update({.busy = 120, .total = 1010}) == 100);
}

TEST_CASE("counters that go back start anew and keep the last value") {
  CpuUsage usage;
  usage.Update({.busy = 100, .total = 1000});
  usage.Update({.busy = 130, .total = 1100});
  CHECK(usage.Update({.busy = 90, .total = 800}) == 30);
  CHECK(usage.Update({.busy = 140, .total = 900}) == 50);
  CHECK(usage.Update({.busy = 100, .total = 1000}) == 50);
}

}  // namespace edgefeed
