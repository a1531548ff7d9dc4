#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "agent/outbox/outbox.h"
#include "tests/support/log_capture.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/memory_storage.h"

namespace edgefeed {

inline std::vector<std::uint64_t> Numbers(const SampleBatch& batch) {
  std::vector<std::uint64_t> numbers(batch.samples.size());
  std::ranges::transform(batch.samples, numbers.begin(),
                         [](const Sample& sample) { return sample.position.sequence; });
  return numbers;
}

// Which samples these are: the first that the rig added is 1.
inline std::vector<std::uint64_t> Values(const SampleBatch& batch) {
  std::vector<std::uint64_t> values(batch.samples.size());
  std::ranges::transform(batch.samples, values.begin(), [](const Sample& sample) {
    return static_cast<std::uint64_t>(sample.cpu_usage_percent);
  });
  return values;
}

inline StreamId StreamOf(const SampleBatch& batch) {
  REQUIRE_FALSE(batch.samples.empty());
  for (const Sample& sample : batch.samples) {
    CHECK(sample.position.stream == batch.samples.front().position.stream);
  }
  return batch.samples.front().position.stream;
}

// Of a boot at 0. The rig's own samples do not know the time since then, and are not dated.
struct StoppedClock final : public SampleClock {
  WallTime At(std::chrono::milliseconds since_boot) override { return WallTime() + since_boot; }
  [[nodiscard]] ClockTrust trust() const override { return ClockTrust::kDevice; }
  void Learn(WallTime /*collector_time*/, std::chrono::milliseconds /*round_trip*/) override {}
};

// An outbox whose strands, clock and disk the test steps.
class OutboxRig {
 public:
  explicit OutboxRig(const OutboxLimits& limits = {}) : OutboxRig(limits, nullptr) {}
  // On another storage than the rig's own.
  OutboxRig(const OutboxLimits& limits, Storage* other)
      : limits_(limits), storage_(other == nullptr ? &storage : other) {
    Restart();
  }

  // As after a crash: what was in memory is gone.
  void Restart() {
    ++runs_;
    outbox_.reset();
    core.emplace();
    disk.emplace();
    series.emplace(1000);
    outbox_.emplace(DiskLane::Context{*core, *disk, *storage_, *series, clock}, limits_,
                    BootId{static_cast<std::uint8_t>(runs_)}, [this] { return random_(); });
  }
  Outbox& outbox() { return *outbox_; }
  [[nodiscard]] const Outbox& outbox() const { return *outbox_; }

  [[nodiscard]] std::uint64_t added() const { return added_; }
  // Their readings are of series that every run numbers differently.
  void Add(int count, std::size_t readings = 0) {
    for (int i = 0; i < count; ++i) {
      Sample sample{.cpu_usage_percent = static_cast<double>(++added_)};
      for (std::size_t j = 0; j < readings; ++j) {
        const std::string zone = std::to_string((j + runs_) % readings);
        const auto id = series->Intern({"temp", {{"zone", zone}}});
        if (id) sample.readings.push_back({*id, std::stod(zone) + static_cast<double>(added_)});
      }
      outbox_->Accept(std::move(sample));
    }
  }

  // The readings are those that Add() gave the sample.
  void CheckReadings(const Sample& sample) const {
    for (const auto& [id, value] : sample.readings) {
      const double zone = std::stod((*series)[id].labels[0].value);
      CHECK(value == zone + sample.cpu_usage_percent);
    }
  }

  // Lets both strands do what they have to.
  void Settle() {
    for (int i = 0; i < 20; ++i) {
      disk->RunUntilIdle();
      core->RunUntilIdle();
    }
  }
  void Advance(std::chrono::seconds time) {
    for (std::chrono::seconds passed(0); passed < time; ++passed) {
      core->Advance(std::chrono::seconds(1));
      Settle();
    }
  }

  // One sample a second.
  void Run(int seconds, std::size_t readings = 3) {
    for (int i = 0; i < seconds; ++i) {
      Add(1, readings);
      Advance(std::chrono::seconds(1));
      CheckBalance();
    }
  }

  SampleBatch TakeBacklog(std::size_t most) {
    std::optional<SampleBatch> taken;
    outbox_->TakeBacklog(most, [&](SampleBatch batch) { taken = std::move(batch); });
    Settle();
    REQUIRE(taken);
    return *std::move(taken);
  }
  std::vector<std::uint64_t> TakeAllBacklog(std::size_t most = 100) {
    std::vector<std::uint64_t> values;
    while (outbox_->HasBacklog()) {
      for (const std::uint64_t value : Values(TakeBacklog(most))) values.push_back(value);
    }
    return values;
  }

  void Shutdown() {
    int done = 0;
    outbox_->Shutdown([&done] { ++done; });
    Settle();
    CHECK(done == 1);
  }

  void CheckBalance() const {
    const OutboxCounts counts = outbox_->counts();
    CHECK(counts.collected + counts.disk.recovered ==
          counts.acknowledged + counts.queued + counts.dropped());
  }

 private:
  OutboxLimits limits_;
  Storage* storage_;
  std::mt19937_64 random_{1};
  std::uint64_t added_ = 0;
  std::uint64_t runs_ = 0;

 public:
  LogCapture log;
  StoppedClock clock;
  MemoryStorage storage;
  std::optional<ManualScheduler> core;
  std::optional<ManualScheduler> disk;
  std::optional<SeriesTable> series;

 private:
  std::optional<Outbox> outbox_;
};

// 1, 2, …, `last`
inline std::vector<std::uint64_t> UpTo(std::uint64_t last, std::uint64_t first = 1) {
  std::vector<std::uint64_t> values;
  for (std::uint64_t value = first; value <= last; ++value) values.push_back(value);
  return values;
}

}  // namespace edgefeed
