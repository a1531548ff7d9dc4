#include "agent/statsd/aggregator.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "common/model/metrics.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;

using Values = std::map<std::string, double>;

struct Bench {
  explicit Bench(const StatsdConfig& limits = {}, std::size_t capacity = 2048)
      : series(capacity), aggregator(series, limits) {}

  void Send(std::string_view datagram) { aggregator.Take(datagram, clock.Steady()); }

  // What the next sample has of applications.
  Values Sample() {
    std::vector<Reading> readings;
    aggregator.AddTo(readings, clock.Steady());
    Values values;
    for (const auto& [id, value] : readings) {
      CHECK(std::isfinite(value));
      CHECK(values.emplace(ToString(series[id]), value).second);  // Each once.
    }
    return values;
  }

  [[nodiscard]] StatsdCounts Counts() const {
    StatsdCounts counts;
    aggregator.Describe(counts);
    return counts;
  }
  // Nothing: it is not told apart from others.
  [[nodiscard]] std::optional<StatsdApplicationCounts> Of(const std::string& application) const {
    for (auto& counts : Counts().applications) {
      if (counts.name == application) return counts;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::uint64_t Dropped(const std::string& application, StatsdDrop why) const {
    const auto counts = Of(application);
    return counts ? counts->dropped.at(static_cast<std::size_t>(why)) : 0;
  }

  ManualClock clock;
  SeriesTable series;
  Aggregator aggregator;
};

std::string Numbered(const std::string& name, int number) {
  return name + std::to_string(number) + ":1|c";
}

TEST_CASE("a counter only grows, and counts what a sampled line stands for") {
  Bench bench;
  bench.Send("sensord.frames:3|c\nsensord.frames:2|c|@0.1\n");
  CHECK(bench.Sample() == Values{{"sensord_frames_total", 23}});
  CHECK(bench.Sample() == Values{{"sensord_frames_total", 23}});
  bench.Send("sensord.frames:1|c");
  CHECK(bench.Sample() == Values{{"sensord_frames_total", 24}});
}

TEST_CASE("a gauge keeps its value, and can be changed by some") {
  Bench bench;
  bench.Send("sensord.temperature:21.5|g\r\n");
  CHECK(bench.Sample() == Values{{"sensord_temperature", 21.5}});
  bench.Send("sensord.temperature:-2|g\nsensord.temperature:+0.5|g");
  CHECK(bench.Sample() == Values{{"sensord_temperature", 20}});
  bench.Send("sensord.new:-4|g");  // From nothing.
  CHECK(bench.Sample().at("sensord_new") == -4);
}

TEST_CASE("a timer tells in seconds how often and how long, and of the interval mean and maximum") {
  Bench bench;
  bench.Send("sensord.read:100|ms\nsensord.read:300|ms");
  const Values first = bench.Sample();
  CHECK(first == Values{{"sensord_read_seconds_count", 2},
                        {"sensord_read_seconds_sum", 0.1 + 0.3},
                        {"sensord_read_seconds_mean", (0.1 + 0.3) / 2},
                        {"sensord_read_seconds_max", 0.3}});
  // Nothing came: there is no mean of it.
  CHECK(bench.Sample().size() == 2);
  bench.Send("sensord.read:50|ms|@0.5");
  const Values third = bench.Sample();
  CHECK(third.at("sensord_read_seconds_count") == 4);
  CHECK(third.at("sensord_read_seconds_sum") == doctest::Approx(0.5));
  CHECK(third.at("sensord_read_seconds_mean") == doctest::Approx(0.05));
  CHECK(third.at("sensord_read_seconds_max") == doctest::Approx(0.05));
}

TEST_CASE("a histogram and a distribution are the same, in their own unit, below zero too") {
  Bench bench;
  bench.Send("sensord.offset:-5|h\nsensord.offset:-7|d");
  CHECK(bench.Sample() == Values{{"sensord_offset_count", 2},
                                 {"sensord_offset_sum", -12},
                                 {"sensord_offset_mean", -6},
                                 {"sensord_offset_max", -5}});
}

TEST_CASE("tags make series, in whatever order they come") {
  Bench bench;
  bench.Send("cam.frames:1|c|#side:left,raw\ncam.frames:1|c|#raw,side:left\ncam.frames:5|c");
  CHECK(bench.Sample() ==
        Values{{"cam_frames_total", 5}, {"cam_frames_total{raw=\"true\",side=\"left\"}", 2}});
}

TEST_CASE("a suffix that is there already is not added again") {
  Bench bench;
  bench.Send("a.hits_total:1|c\na.wait_seconds:1000|ms");
  const Values values = bench.Sample();
  CHECK(values.contains("a_hits_total"));
  CHECK(values.contains("a_wait_seconds_sum"));
}

TEST_CASE("names of the agent, and names of another type, are refused") {
  Bench bench;
  bench.Send("cpu.usage:1|g\nmemory_mb:1|g\nagent.series_dropped:1|c");
  CHECK(bench.Dropped("cpu", StatsdDrop::kConflict) == 1);
  CHECK(bench.Dropped("memory_mb", StatsdDrop::kConflict) == 1);
  CHECK(bench.Dropped("agent", StatsdDrop::kConflict) == 1);
  CHECK(bench.Sample().empty());

  bench.Send("a.hits:1|c\na.hits:1|g\na.hits_total:7|g\na.t:1|h\na.t_sum:1|g\na.t_sum_x:1|g");
  CHECK(bench.Dropped("a", StatsdDrop::kConflict) == 3);
  CHECK(bench.Sample().at("a_hits_total") == 1);
}

TEST_CASE("what cannot be read counts for who sent it, if that is known") {
  Bench bench;
  bench.Send("sensord.frames:1|c\nsensord.frames\nsensord.users:x|s\nunheard.of:x|c\n\xff\xfe\n\n");
  CHECK(bench.Of("sensord")->lines == 1);
  CHECK(bench.Dropped("sensord", StatsdDrop::kMalformed) == 1);
  CHECK(bench.Dropped("sensord", StatsdDrop::kUnsupported) == 1);
  CHECK(bench.Dropped("other", StatsdDrop::kMalformed) == 2);
  CHECK_FALSE(bench.Of("unheard"));
  bench.aggregator.TakeCut("sensord.fra");
  CHECK(bench.Dropped("sensord", StatsdDrop::kMalformed) == 2);
}

TEST_CASE("a value that would not be finite changes nothing") {
  Bench bench;
  bench.Send("a.g:1e308|g\na.c:1e308|c\na.h:1e308|h");
  bench.Send("a.g:+1e308|g\na.c:1e308|c\na.c:1|c|@1e-320\na.h:1e308|h\na.n:1e308|c|@0.1");
  CHECK(bench.Dropped("a", StatsdDrop::kMalformed) == 5);
  CHECK(bench.Sample() == Values{{"a_c_total", 1e308},
                                 {"a_g", 1e308},
                                 {"a_h_count", 1},
                                 {"a_h_sum", 1e308},
                                 {"a_h_mean", 1e308},
                                 {"a_h_max", 1e308}});
}

TEST_CASE("over its rate an application loses lines, and no other one does") {
  Bench bench({.max_rate = 10});
  for (int i = 0; i < 100; ++i) bench.Send("loud.x:1|c");
  bench.Send("quiet.x:1|c");
  CHECK(bench.Sample() == Values{{"loud_x_total", 11}, {"quiet_x_total", 1}});
  CHECK(bench.Dropped("loud", StatsdDrop::kRate) == 89);
  CHECK(bench.Of("loud")->lines == 11);  // The first, which was of a stranger, and ten.
  bench.clock.Advance(500ms);
  for (int i = 0; i < 100; ++i) bench.Send("loud.x:1|c");
  CHECK(bench.Of("loud")->lines == 16);
  bench.clock.Advance(1h);  // Not more for having been quiet for longer.
  for (int i = 0; i < 100; ++i) bench.Send("loud.x:1|c");
  CHECK(bench.Of("loud")->lines == 26);
  CHECK(bench.Dropped("quiet", StatsdDrop::kRate) == 0);
}

TEST_CASE("over its series an application loses new ones, keeps the old, and no other one does") {
  Bench bench({.max_series = 6});
  for (int i = 0; i < 10; ++i) bench.Send(Numbered("many.n", i));
  bench.Send("many.n0:1|c\nmany.t:1|ms\nfew.n:1|c");
  CHECK(bench.Dropped("many", StatsdDrop::kSeries) == 5);
  CHECK(bench.Counts().series == 7);
  CHECK(bench.Sample().at("many_n0_total") == 2);
  CHECK(bench.Sample().at("few_n_total") == 1);
}

TEST_CASE("a series that is not heard of is forgotten, and makes room") {
  Bench bench({.max_series = 2, .forget_after = 10min});
  bench.Send("a.old:1|c\na.live:1|g");
  bench.clock.Advance(9min);
  bench.Send("a.live:2|g\na.new:1|c");
  CHECK(bench.Dropped("a", StatsdDrop::kSeries) == 1);
  CHECK(bench.Sample().size() == 2);
  bench.clock.Advance(1min);
  CHECK(bench.Sample() == Values{{"a_live", 2}});
  bench.Send("a.new:1|c");
  CHECK(bench.Sample().at("a_new_total") == 1);
  bench.clock.Advance(10min);
  CHECK(bench.Sample().empty());
  bench.Send("a.old:5|c");  // Begins anew, with the number that it had in the table.
  CHECK(bench.Sample() == Values{{"a_old_total", 5}});
}

TEST_CASE("names that never come again do not fill the agent's table") {
  Bench bench({.max_series = 512, .max_rate = 100'000, .forget_after = 1s});
  for (int i = 0; i < 5000; ++i) {
    bench.Send(Numbered("crazy.request_", i));
    if (i % 100 == 99) bench.clock.Advance(1s);
    if (i % 100 == 99) bench.Sample();
  }
  CHECK(bench.Dropped("crazy", StatsdDrop::kNames) == 5000 - Aggregator::kMostNamesOfOne);
  bench.Send("good.x:1|c");
  CHECK(bench.Sample().at("good_x_total") == 1);
  for (int i = 0; i < 5000; ++i) bench.Send(Numbered("mad.request_", i));
  CHECK(bench.Dropped("mad", StatsdDrop::kSeries) + bench.Dropped("mad", StatsdDrop::kNames) >
        4000);
  CHECK(bench.series.size() <= Aggregator::kMostNames);
}

TEST_CASE("over the memory there is no new series") {
  Bench bench({.max_series = 512, .max_rate = 100'000, .max_memory = KiB(16)});
  for (int i = 0; i < 500; ++i) bench.Send(Numbered("a.some_long_name_of_a_counter_", i));
  CHECK(bench.Dropped("a", StatsdDrop::kMemory) > 400);
  CHECK(bench.Counts().memory_bytes <= 16 * 1024);
  CHECK(bench.Sample().at("a_some_long_name_of_a_counter_0_total") == 1);
}

TEST_CASE("a full table of the agent costs new series, and nothing else") {
  Bench bench({}, 2);
  bench.Send("a.x:1|c\na.y:1|c\na.z:1|c\na.x:1|c");
  CHECK(bench.Dropped("a", StatsdDrop::kNames) == 1);
  CHECK(bench.Sample() == Values{{"a_x_total", 2}, {"a_y_total", 1}});
}

TEST_CASE("applications that are too many share the limits of one") {
  Bench bench({.max_rate = 100});
  for (int i = 0; i < 200; ++i) bench.Send("app" + std::to_string(i) + ".x:1|c");
  CHECK(bench.Counts().applications.size() == Aggregator::kMostApplications + 1);
  CHECK(bench.Of("app0")->lines == 1);
  CHECK_FALSE(bench.Of("app199"));
  const auto other = bench.Of("other");
  CHECK(other->lines == 100 - Aggregator::kMostApplications);
  CHECK(bench.Dropped("other", StatsdDrop::kRate) == 100);
  bench.Send("app0.x:1|c");
  CHECK(bench.Of("app0")->lines == 2);
}

TEST_CASE("an idle application makes room for another, unless it has lost lines") {
  Bench bench({.forget_after = 1min});
  for (std::size_t i = 0; i < Aggregator::kMostApplications; ++i) {
    bench.Send("app" + std::to_string(i) + ".x:1|c");
  }
  bench.Send("app0.x:bad|c\nlate.x:1|c");
  CHECK_FALSE(bench.Of("late"));
  bench.clock.Advance(1min);
  bench.Sample();
  bench.Send("late.y:1|c");
  CHECK(bench.Of("late")->lines == 1);
  CHECK(bench.Dropped("app0", StatsdDrop::kMalformed) == 1);
  CHECK_FALSE(bench.Of("app1"));
}

TEST_CASE("applications that come and go for ever leave a bounded number of names") {
  Bench bench({.max_rate = 100'000, .forget_after = 1s});
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "app" + std::to_string(i);
    bench.Send(name + ".x:1|c");
    // As the sampler does with the count of each.
    for (const auto& application : bench.Counts().applications) {
      bench.series.Intern(
          {std::string(metrics::kAgentStatsdLines.name), {{"application", application.name}}});
    }
    bench.clock.Advance(1s);
    bench.Sample();
  }
  CHECK(bench.series.size() <= Aggregator::kMostNames + 1);  // And "other".
  // One that is known comes back as often as it likes.
  for (int i = 0; i < 3000; ++i) {
    bench.Send("app0.x:1|c");
    CHECK(bench.Sample() == Values{{"app0_x_total", 1}});
    bench.clock.Advance(1s);
    bench.Sample();
  }
}

TEST_CASE("whatever bytes come, the limits hold and each reading is finite") {
  std::mt19937 random(7);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time.
  const StatsdConfig limits{
      .max_series = 20, .max_rate = 5000, .max_memory = KiB(32), .forget_after = 3s};
  Bench bench(limits);
  const std::string alphabet = "abc.:|@#,+-019eE\ncgmshd_ \xff";
  for (int i = 0; i < 20'000; ++i) {
    std::string datagram;
    for (auto size = random() % 6; size > 0; --size) {
      datagram += std::string(1, static_cast<char>('a' + random() % 40)) + "." +
                  std::to_string(random() % 50) + ":1|" + (random() % 2 == 0 ? "c" : "h") + "\n";
    }
    for (auto size = random() % 40; size > 0; --size) {
      datagram += alphabet[random() % alphabet.size()];
    }
    bench.Send(datagram);
    if (i % 50 == 0) {
      bench.clock.Advance(500ms);
      const Values values = bench.Sample();
      REQUIRE(values.size() <= (Aggregator::kMostApplications + 1) * limits.max_series);
      REQUIRE(bench.Counts().memory_bytes <= limits.max_memory.count);
      REQUIRE(bench.Counts().applications.size() <= Aggregator::kMostApplications + 1);
      REQUIRE(bench.series.size() <= Aggregator::kMostNames);
    }
  }
}

}  // namespace
}  // namespace edgefeed
