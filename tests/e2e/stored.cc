#include "tests/e2e/stored.h"

#include <doctest/doctest.h>

#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "collector/history/history.h"
#include "common/runtime/strand.h"

namespace edgefeed::e2e {

std::vector<HistoryBucket> ReadStored(const std::filesystem::path& data_dir,
                                      const std::string& device, const std::string& metric) {
  const SystemClock clock;
  CollectorStats stats;
  Strand strand("store", clock);
  HistoryConfig config;
  config.directory = data_dir / "history";
  auto history = History::Open(config, strand, stats);
  CHECK((history ? "" : history.error().message) == "");
  REQUIRE(history);
  std::optional<Result<HistoryAnswer>> answer;
  std::latch answered(1);
  (*history)->Query({.device = device,
                     .metric = metric,
                     .labels = {},
                     .from = FromUnixMillis(0),
                     .to = clock.Wall() + std::chrono::hours(1),
                     .limit = 10'000'000,
                     .timeout = std::chrono::minutes(1)},
                    [&](Result<HistoryAnswer> got) {
                      answer = std::move(got);
                      answered.count_down();
                    });
  answered.wait();
  RunOn(strand, [&] { history->reset(); });
  CHECK((*answer ? "" : answer->error().message) == "");
  if (!*answer || (*answer)->series.empty()) return {};
  REQUIRE((*answer)->series.size() == 1);
  return (*answer)->series.front().buckets;
}

StoredNumbers CheckNumbers(const std::vector<HistoryBucket>& stored, std::uint64_t count) {
  std::map<std::uint64_t, int> times;
  for (const HistoryBucket& bucket : stored) ++times[static_cast<std::uint64_t>(bucket.last)];
  StoredNumbers numbers;
  for (const auto& [number, found] : times) {
    if (number < 1 || number > count) numbers.unexpected.push_back(number);
    if (found > 1) numbers.doubled.push_back(number);
  }
  for (std::uint64_t number = 1; number <= count; ++number) {
    if (!times.contains(number)) numbers.missing.push_back(number);
  }
  return numbers;
}

}  // namespace edgefeed::e2e
