#include "agent/sampler/take_samples.h"

#include <doctest/doctest.h>

#include "common/model/metrics.h"
#include "tests/support/fake_kernel.h"

namespace edgefeed {

using namespace std::chrono_literals;

TEST_CASE("samples are taken at the interval and numbered, without the early first one") {
  FakeKernel kernel;
  double reads = 0;
  kernel.state.Add(metrics::kLoad1, 0);
  kernel.on_read = [&] { kernel.state.readings.front().value = ++reads; };
  SeriesTable series(100);
  std::vector<std::size_t> told;

  const auto samples =
      TakeSamples(kernel, series,
                  {.count = 3, .interval = 20ms, .first_sequence = 500, .on_sample = [&](auto n) {
                     told.push_back(n);
                   }});

  REQUIRE(samples.size() == 3);
  CHECK(told == std::vector<std::size_t>{1, 2, 3});
  CHECK(samples.front().position == StreamPosition{1, 500});
  CHECK(samples.back().position == StreamPosition{1, 502});
  // The sampler's base, its early sample, then ours.
  CHECK(samples.front().readings.back().value == 3);
  CHECK(samples.back().since_boot.has_value());
}

}  // namespace edgefeed
