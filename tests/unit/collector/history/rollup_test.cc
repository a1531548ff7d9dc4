#include "collector/history/rollup.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <random>

#include "collector/sqlite/sqlite.h"
#include "tests/support/log_capture.h"
#include "tests/unit/collector/history/query_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

TEST_CASE("a rollup's buckets come back as they were, those that are asked for") {
  const WallTime start = FromUnixMillis(1'700'000'040'000);
  OutputBuckets all(5);  // cpu_usage, memory_mb and series 0, 1 and 2.
  for (int minute = 0; minute < 60; ++minute) {
    const WallTime time = start + minute * 1min;
    for (std::size_t output = 0; output < all.size(); ++output) {
      if (output == 3 || (output == 4 && minute % 3 == 0)) continue;
      const double value = 0.1 * minute;
      all[output].push_back({.time = time,
                             .min = value,
                             .max = 10 * value,
                             .sum = 7 * value,
                             .count = 60,
                             .last = 2 * value});
    }
  }
  RollupCodec codec;
  const std::string data = codec.Encode(all);
  CHECK(data.size() < 2000);

  OutputBuckets back;
  REQUIRE(codec.Decode(data, MatchNumbers(3), start, start + 1h, back));
  REQUIRE(back.size() == 5);
  for (std::size_t output = 0; output < all.size(); ++output) {
    CAPTURE(output);
    REQUIRE(back[output].size() == all[output].size());
    for (std::size_t i = 0; i < all[output].size(); ++i) {
      CHECK(back[output][i].sum == doctest::Approx(all[output][i].sum).epsilon(1e-12));
      back[output][i].sum = all[output][i].sum;
      CHECK(back[output][i] == all[output][i]);
    }
  }
  SeriesMatch one;
  one.outputs = 1;
  one.output_of = {std::nullopt, std::nullopt, SeriesId{0}};
  OutputBuckets some;
  REQUIRE(codec.Decode(data, one, start + 10min, start + 20min, some));
  CHECK(some.size() == 1);
  CHECK(some[0].size() == 7);
  for (std::size_t size = 0; size < data.size(); ++size) {
    CHECK_FALSE(codec.Decode(data.substr(0, size), one, start, start + 1h, some));
  }
}

class RollupFixture : public QueryFixture {
 public:
  RollupFixture() {
    Close();
    config.chunk_every = 600s;  // Fewer waits for the disk.
    config.sync_every = 10s;
    Open();
  }

  // Two devices, which fall silent now and then.
  void SendFor(std::chrono::minutes time) {
    for (const WallTime end = scheduler.WallNow() + time; scheduler.WallNow() < end;) {
      for (const char* device : {"a", "b"}) {
        if (random() % 50 == 0) pause[device] = scheduler.WallNow() + 40min;
        if (scheduler.WallNow() >= pause[device]) SendOne(device, scheduler.WallNow());
      }
      scheduler.Advance(53s);
    }
  }
  void SendOne(const std::string& device, WallTime time) {
    const auto value = static_cast<double>(random() % 100);
    Send(device, time, value);
    model[device][time] = value;
  }
  void LetRollUp() { scheduler.Advance(20min); }
  void CheckAll(std::chrono::milliseconds step) {
    for (const auto& [device, points] : model) {
      CAPTURE(device);
      CHECK(CpuUsage(device, step).series.at(0).buckets == BucketsOf(points, step));
    }
  }
  void RemoveFiles(const char* tier) const { fs::remove_all(config.directory / tier); }

  std::mt19937 random{5};
  std::map<std::string, WallTime> pause;
  std::map<std::string, Points> model;
};

TEST_CASE_FIXTURE(RollupFixture, "hours that are over are kept as minutes, and days as hours") {
  SendFor(28h);
  LetRollUp();
  for (const auto step : {0ms, 60'000ms, 90'000ms, 300'000ms, 3'600'000ms, 86'400'000ms}) {
    CAPTURE(step.count());
    CheckAll(step);
  }
  const WallTime whole_hours = std::chrono::floor<std::chrono::hours>(scheduler.WallNow() - 15min);
  Close();
  RemoveFiles("raw");
  Open();
  for (auto& [device, points] : model) points.erase(points.lower_bound(whole_hours), points.end());
  CheckAll(60'000ms);
  CheckAll(3'600'000ms);
  // Asked for each sample, it gives what there still is.
  CHECK(CpuUsage("a").series.at(0).buckets == BucketsOf(model["a"], 60'000ms));

  const WallTime whole_days = std::chrono::floor<std::chrono::days>(scheduler.WallNow() - 15min);
  Close();
  RemoveFiles("minute");
  Open();
  for (auto& [device, points] : model) points.erase(points.lower_bound(whole_days), points.end());
  CHECK(model["a"].size() > 300);
  CheckAll(3'600'000ms);
  CHECK(CpuUsage("a").series.at(0).buckets == BucketsOf(model["a"], 3'600'000ms));
}

TEST_CASE_FIXTURE(RollupFixture,
                  "samples that come late are in the answer at once, and in the tiers") {
  const WallTime start = scheduler.WallNow();
  SendFor(26h);
  LetRollUp();
  for (int i = 0; i < 20; ++i) SendOne("a", start + 5min + i * 13s);
  scheduler.Advance(15s);
  CheckAll(60'000ms);
  scheduler.Advance(11min);
  CheckAll(60'000ms);
  LetRollUp();
  const WallTime whole_hours = std::chrono::floor<std::chrono::hours>(scheduler.WallNow() - 15min);
  Close();
  RemoveFiles("raw");
  Open();
  for (auto& [device, points] : model) points.erase(points.lower_bound(whole_hours), points.end());
  CheckAll(60'000ms);
  CheckAll(3'600'000ms);
}

TEST_CASE_FIXTURE(RollupFixture, "a rollup that is interrupted anywhere is finished later") {
  LogCapture logged;
  for (int i = 0; i < 15; ++i) {
    SendFor(1h);
    scheduler.Advance(std::chrono::milliseconds(random() % 400'000));
    random() % 2 == 0 ? End() : Close();
    Open();
    // What had not been stored when it ended was never acknowledged, and is not sent again here.
    for (auto& [device, points] : model) {
      Points there;
      const HistoryAnswer answer = CpuUsage(device);
      for (const HistoryBucket& bucket : answer.series.at(0).buckets) {
        there[bucket.time] = bucket.last;
      }
      points = there;
    }
  }
  scheduler.Advance(1h);
  LetRollUp();
  Close();
  RemoveFiles("raw");
  Open();
  CheckAll(60'000ms);
}

TEST_CASE_FIXTURE(RollupFixture, "a damaged chunk is missing in the minutes, and that is said") {
  SendFor(30min);
  Close();
  fs::path partition;
  for (const auto& entry : fs::directory_iterator(config.directory / "raw")) {
    if (entry.path().extension() == ".db") partition = entry.path();
  }
  {
    auto database = Database::Open(partition, Database::Mode::kReadWrite);
    REQUIRE(database);
    const Status done =
        database->Run("UPDATE chunk SET data = zeroblob(20) WHERE k IN (SELECT min(k) FROM chunk)");
    REQUIRE_MESSAGE(done, (done ? "" : done.error().message));
    REQUIRE(database->changes() == 1);
  }
  Open();
  LogCapture logged;
  scheduler.Advance(2h);
  CHECK(stats.history_frames_unreadable == 1);
  const auto lines = logged.Take();
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().find("a chunk is not in the minutes") != std::string::npos);
  CHECK_FALSE(CpuUsage("b", 60'000ms).series.empty());
}

}  // namespace
}  // namespace edgefeed
