#pragma once

#include <deque>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "collector/ports.h"

namespace edgefeed {

// Stored samples that the test puts there. Places ascend by one.
class FakeStoredSamples final : public StoredSamples {
 public:
  // A sample with cpu_usage `value`, memory_mb 7, and load1 `value` / 8.
  StoredSample Make(const std::string& device, std::int64_t second, double value) {
    const auto [name, is_new] = devices_.try_emplace(device, device);
    Sample sample{.time = FromUnixMillis(static_cast<std::uint64_t>(second) * 1000),
                  .cpu_usage_percent = value,
                  .memory_used_mib = 7,
                  .readings = {{0, value / 8}}};
    return {.place = ++last_place,
            .device = &name->second,
            .received = sample.time,
            .sample = std::move(sample)};
  }
  void Put(const std::string& device, std::int64_t second, double value) {
    waiting.push_back(Make(device, second, value));
  }

  Result<StoredRun> Next(std::size_t values) override {
    StoredRun run{.samples = {}, .unreadable = std::exchange(unreadable, 0)};
    for (std::size_t read = 0; read < values && !waiting.empty(); read += 3) {
      run.samples.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    return run;
  }
  [[nodiscard]] const Series& series(SeriesId /*id*/) const override { return load; }
  void Done(std::uint64_t place) override { done = place; }
  [[nodiscard]] std::uint64_t ExpiredUpTo() override { return expired; }

  Series load{.metric = "load1", .labels = {}};
  std::deque<StoredSample> waiting;
  std::uint64_t last_place = 0;
  std::uint64_t done = 0;
  std::uint64_t expired = 0;
  std::uint64_t unreadable = 0;

 private:
  std::map<std::string, std::string> devices_;
};

}  // namespace edgefeed
