#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <random>

#include "tests/unit/collector/history/query_fixture.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

std::vector<double> LastValues(const HistorySeries& series) {
  std::vector<double> values;
  std::ranges::transform(series.buckets, std::back_inserter(values), &HistoryBucket::last);
  return values;
}

TEST_CASE_FIXTURE(QueryFixture, "a sample is found from when it is stored, wherever it is then") {
  const WallTime start = scheduler.WallNow();
  Send("a", start, 1);
  scheduler.Advance(2s);
  const std::vector<HistoryBucket> expected{HistoryBucket::Of(start, 1)};
  for (int place = 0; place < 3; ++place) {
    CAPTURE(place);  // In memory; in its partition; after a stop and a start.
    const HistoryAnswer answer = CpuUsage("a");
    REQUIRE(answer.series.size() == 1);
    CHECK(answer.series[0].series == Series{"cpu_usage", {}});
    CHECK(answer.series[0].buckets == expected);
    CHECK(answer.end == scheduler.WallNow() + 24h);
    if (place == 0) scheduler.Advance(5min);
    if (place == 1) Close();
    if (place == 1) Open();
  }
  CHECK(stats.history_open_bytes == 0);
}

TEST_CASE_FIXTURE(QueryFixture, "series are chosen by metric and labels") {
  const WallTime now = scheduler.WallNow();
  const SeriesId sdb = *series.Intern({"disk", {{"device", "sdb"}, {"kind", "read"}}});
  const SeriesId load = *series.Intern({"load_1m", {}});
  Send("a", now, 1, {{disk, 5}, {sdb, 6}, {load, 7}});
  Send("b", now, 2, {{disk, 8}});
  scheduler.Advance(2s);
  HistoryQuery query{.device = "a", .metric = "disk", .from = now, .to = now + 1s};
  HistoryAnswer answer = Get(query);
  REQUIRE(answer.series.size() == 2);
  CHECK(ToString(answer.series[0].series) == "disk{device=\"sda\"}");
  CHECK(LastValues(answer.series[0]) == std::vector<double>{5});
  CHECK(LastValues(answer.series[1]) == std::vector<double>{6});
  query.labels = {{"kind", "read"}};
  answer = Get(query);
  REQUIRE(answer.series.size() == 1);
  CHECK(LastValues(answer.series[0]) == std::vector<double>{6});
  query.labels = {{"device", "sdc"}};
  CHECK(Get(query).series.empty());
  query = {.device = "b", .metric = "memory_mb", .from = now, .to = now + 1s};
  CHECK(LastValues(Get(query).series.at(0)) == std::vector<double>{20});
}

TEST_CASE_FIXTURE(QueryFixture,
                  "a query that nobody wants any more ends at its next hour, without an answer") {
  const WallTime start = scheduler.WallNow() - 3h;
  for (int hour = 0; hour < 3; ++hour) Send("a", start + hour * 1h, 1);
  scheduler.Advance(2s);
  int asked = 0;
  int answers = 0;
  HistoryQuery query{.device = "a", .metric = "cpu_usage", .from = start, .to = start + 4h};
  query.is_wanted = [&] { return ++asked < 3; };
  history->Query(query, [&](const Result<HistoryAnswer>&) { ++answers; });
  scheduler.RunUntilIdle();
  CHECK(asked == 3);
  CHECK(answers == 0);
}

TEST_CASE_FIXTURE(QueryFixture, "the series of a device in a time are listed") {
  const WallTime start = scheduler.WallNow() - 3h;
  const SeriesId load = *series.Intern({"load_1m", {}});
  Send("a", start, 1, {{disk, 5}});
  Send("b", start, 1, {{*series.Intern({"cpu_usage", {}}), 5}});  // Named once all the same.
  Send("a", start + 2h, 1, {{load, 5}});
  scheduler.Advance(2s);
  const auto list = [this](const std::string& device, WallTime from, WallTime to) {
    std::optional<std::vector<Series>> listed;
    history->ListSeries(device, from, to,
                        [&listed](Result<std::vector<Series>> given) { listed = *given; });
    scheduler.RunUntilIdle();
    REQUIRE(listed);
    std::string names;
    for (const Series& one : *listed) names += ToString(one) + " ";
    return names;
  };
  CHECK(list("a", start, start + 1h) == "cpu_usage disk{device=\"sda\"} memory_mb ");
  CHECK(list("a", start, start + 3h) == "cpu_usage disk{device=\"sda\"} load_1m memory_mb ");
  CHECK(list("b", start, start + 3h) == "cpu_usage memory_mb ");
  CHECK(list("b", start + 1h, start + 3h).empty());
}

TEST_CASE_FIXTURE(QueryFixture, "a range includes its beginning and not its end") {
  const WallTime start = scheduler.WallNow();
  for (int i = 0; i < 5; ++i) Send("a", start + i * 1s, i);
  scheduler.Advance(2s);
  const HistoryAnswer answer =
      Get({.device = "a", .metric = "cpu_usage", .from = start + 1s, .to = start + 3s});
  CHECK(LastValues(answer.series.at(0)) == std::vector<double>{1, 2});
}

TEST_CASE_FIXTURE(QueryFixture,
                  "a bucket has the least, the most, the sum, the count and the last") {
  const WallTime minute = std::chrono::ceil<std::chrono::minutes>(scheduler.WallNow());
  for (const int second : {3, 1, 2}) Send("a", minute + second * 1s, second == 2 ? 9 : second);
  Send("a", minute + 5min, 4);
  scheduler.Advance(2s);
  const HistoryAnswer answer = CpuUsage("a", 1min);
  const std::vector<HistoryBucket> expected{
      {.time = minute, .min = 1, .max = 9, .sum = 13, .count = 3, .last = 3},
      HistoryBucket::Of(minute + 5min, 4)};  // And none for the gap.
  CHECK(answer.series.at(0).buckets == expected);
}

TEST_CASE_FIXTURE(QueryFixture, "a limit cuts the answer at a moment from which one can go on") {
  const WallTime start = scheduler.WallNow() - 200min;
  for (int i = 0; i < 100; ++i) Send("a", start + i * 2min, i, {{disk, 1.0 * i}});
  scheduler.Advance(2s);
  HistoryQuery query{.device = "a", .metric = "cpu_usage", .from = start, .to = start + 200min};
  query.limit = 7;
  std::vector<double> all;
  int questions = 0;
  while (query.from < query.to) {
    ++questions;
    const HistoryAnswer answer = Get(query);
    const auto values = LastValues(answer.series.at(0));
    CHECK(values.size() <= 7);
    all.insert(all.end(), values.begin(), values.end());
    REQUIRE(answer.end > query.from);
    query.from = answer.end;
  }
  CHECK(questions == 15);
  CHECK(all.size() == 100);
  CHECK(std::ranges::is_sorted(all));
}

TEST_CASE_FIXTURE(QueryFixture, "questions that cannot be answered say why") {
  const WallTime now = scheduler.WallNow();
  Send("a", now, 1);
  scheduler.Advance(2s);
  CHECK(Ask({.device = "b", .metric = "cpu_usage"}).error() ==
        Error{Code::kNotFound, "device 'b' is not known"});
  CHECK(Ask({.device = "a", .metric = "cpu_usage", .from = now, .to = now - 1s}).error().code ==
        Code::kInvalidArgument);
  CHECK(Ask({.device = "a", .metric = "cpu_usage", .step = -1s}).error().code ==
        Code::kInvalidArgument);
  HistoryQuery slow{.device = "a", .metric = "cpu_usage", .from = now, .to = now + 1h};
  slow.timeout = 0ms;
  CHECK(Ask(slow).error() ==
        Error{Code::kDeadlineExceeded, "the query of 'a' takes longer than 0 ms"});
  CHECK(Get({.device = "a", .metric = "nothing", .from = now, .to = now + 1h}).series.empty());
}

TEST_CASE_FIXTURE(QueryFixture, "a question ends without an answer when the history does") {
  Send("a", scheduler.WallNow(), 1);
  scheduler.Advance(2s);
  bool answered = false;
  history->Query({.device = "a", .metric = "cpu_usage"},
                 [&answered](const Result<HistoryAnswer>&) { answered = true; });
  history.reset();
  scheduler.RunUntilIdle();
  CHECK_FALSE(answered);
}

TEST_CASE_FIXTURE(QueryFixture, "answers are those of a simple model, however samples came in") {
  std::mt19937 random(11);
  std::map<std::string, Points> model;
  for (int round = 0; round < 400; ++round) {
    const std::string device(1, static_cast<char>('a' + random() % 3));
    // Late ones too, each at its own millisecond.
    auto time = scheduler.WallNow() + std::chrono::milliseconds(round);
    if (random() % 5 == 0) time -= std::chrono::seconds(random() % 10'000);
    const auto value = static_cast<double>(random() % 100);
    Send(device, time, value);
    model[device][time] = value;
    scheduler.Advance(std::chrono::seconds(random() % 60));
    if (random() % 100 == 0) {
      scheduler.Advance(2s);
      random() % 2 == 0 ? Close() : End();
      Open();
    }
  }
  scheduler.Advance(2s);
  for (const auto& [device, points] : model) {
    for (const auto step : {0ms, 1000ms, 60'000ms, 600'000ms, 7'200'000ms}) {
      CAPTURE(step.count());
      CHECK(CpuUsage(device, step).series.at(0).buckets == BucketsOf(points, step));
    }
  }
}

}  // namespace
}  // namespace edgefeed
