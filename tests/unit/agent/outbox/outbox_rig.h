#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "agent/outbox/outbox.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {

inline std::vector<std::uint64_t> Numbers(const SampleBatch& batch) {
  std::vector<std::uint64_t> numbers;
  for (const Sample& sample : batch.samples) numbers.push_back(sample.position.sequence);
  return numbers;
}

// Which samples these are: the first that the rig added is 1.
inline std::vector<std::uint64_t> Values(const SampleBatch& batch) {
  std::vector<std::uint64_t> values;
  for (const Sample& sample : batch.samples) {
    values.push_back(static_cast<std::uint64_t>(sample.cpu_usage_percent));
  }
  return values;
}

inline StreamId StreamOf(const SampleBatch& batch) {
  REQUIRE_FALSE(batch.samples.empty());
  for (const Sample& sample : batch.samples) {
    CHECK(sample.position.stream == batch.samples.front().position.stream);
  }
  return batch.samples.front().position.stream;
}

// An outbox with a strand that the test steps.
class OutboxRig {
 public:
  explicit OutboxRig(const OutboxLimits& limits = {})
      : outbox(limits, core, [this] { return random_(); }) {}

  void Add(int count, std::size_t readings = 0) {
    for (int i = 0; i < count; ++i) {
      Sample sample{.cpu_usage_percent = static_cast<double>(++added_)};
      sample.readings.resize(readings);
      outbox.Accept(std::move(sample));
    }
  }

  SampleBatch TakeBacklog(std::size_t most) {
    std::optional<SampleBatch> taken;
    outbox.TakeBacklog(most, [&](SampleBatch batch) { taken = std::move(batch); });
    core.RunUntilIdle();
    REQUIRE(taken);
    return *std::move(taken);
  }

  void CheckBalance() const {
    const OutboxCounts counts = outbox.counts();
    CHECK(counts.collected + counts.recovered ==
          counts.acknowledged + counts.queued + counts.dropped());
  }

 private:
  std::mt19937_64 random_{1};
  std::uint64_t added_ = 0;

 public:
  ManualScheduler core;
  Outbox outbox;
};

}  // namespace edgefeed
