#include "agent/sampler/sampler.h"

#include <doctest/doctest.h>

#include <map>
#include <memory>

#include "common/model/metrics.h"
#include "tests/support/fake_kernel.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed {
namespace {

using std::chrono::milliseconds;

class Sink final : public SampleSink {
 public:
  explicit Sink(const Scheduler& scheduler) : scheduler_(scheduler), start_(scheduler.Now()) {}

  void Accept(Sample sample) override {
    at.push_back(std::chrono::duration_cast<milliseconds>(scheduler_.Now() - start_));
    samples.push_back(std::move(sample));
  }

  std::vector<Sample> samples;
  std::vector<milliseconds> at;  // Since the start.

 private:
  const Scheduler& scheduler_;
  SteadyTime start_;
};

// A device that was booted at 1000 s.
struct BootClock final : public SampleClock {
  WallTime At(milliseconds since_boot) override { return FromUnixMillis(1'000'000) + since_boot; }
  [[nodiscard]] ClockTrust trust() const override { return ClockTrust::kKernel; }
  void Learn(WallTime /*collector_time*/, milliseconds /*round_trip*/) override {}
};

struct Bench {
  explicit Bench(SamplerConfig config = {}, std::size_t capacity = 1000)
      : series(capacity), sampler(scheduler, kernel, series, clock, sink, config) {}

  std::map<std::string, double> Readings(const Sample& sample) const {
    std::map<std::string, double> readings;
    for (const Reading& reading : sample.readings) {
      CHECK(readings.emplace(ToString(series[reading.series]), reading.value).second);
    }
    return readings;
  }

  // Lets time pass without running what is due, as a busy strand does.
  void Stall(milliseconds by) { scheduler.clock().Advance(by); }

  ManualScheduler scheduler;
  FakeKernel kernel;
  SeriesTable series;
  BootClock clock;
  Sink sink{scheduler};
  Sampler sampler;
};

using Times = std::vector<milliseconds>;

}  // namespace

TEST_CASE("the first sample comes early, the others at whole intervals") {
  Bench bench;
  bench.sampler.Start();
  CHECK(bench.sink.samples.empty());
  bench.scheduler.Advance(milliseconds(3500));
  CHECK(bench.sink.at ==
        Times{milliseconds(100), milliseconds(1000), milliseconds(2000), milliseconds(3000)});
}

TEST_CASE("a short interval has no extra sample") {
  Bench bench({.interval = milliseconds(50)});
  bench.sampler.Start();
  bench.scheduler.Advance(milliseconds(150));
  CHECK(bench.sink.at == Times{milliseconds(50), milliseconds(100), milliseconds(150)});
}

TEST_CASE("what a sample costs does not move the ones after it") {
  Bench bench;
  bench.kernel.on_read = [&] { bench.Stall(milliseconds(300)); };
  bench.sampler.Start();
  bench.scheduler.Advance(milliseconds(4000));
  REQUIRE(bench.sink.at.size() >= 4);
  CHECK(bench.sink.at[1] == milliseconds(1300));
  CHECK(bench.sink.at[2] == milliseconds(2300));
  CHECK(bench.sink.at[3] == milliseconds(3300));
}

TEST_CASE("a tick that comes too late skips the ones it missed, and counts them") {
  Bench bench;
  bench.sampler.Start();
  bench.scheduler.Advance(milliseconds(1000));
  bench.Stall(milliseconds(2500));  // 3.5 s: the tick of 2 s comes late, that of 3 s not at all.
  bench.scheduler.Advance(milliseconds(600));
  CHECK(bench.sink.at ==
        Times{milliseconds(100), milliseconds(1000), milliseconds(3500), milliseconds(4000)});
  REQUIRE(bench.sink.samples.size() == 4);
  CHECK(bench.Readings(bench.sink.samples[1]).at("agent_missed_ticks_total") == 0);
  CHECK(bench.Readings(bench.sink.samples[2]).at("agent_missed_ticks_total") == 1);
  CHECK(bench.Readings(bench.sink.samples[3]).at("agent_missed_ticks_total") == 1);
}

TEST_CASE("a tick that comes a little late misses nothing") {
  Bench bench;
  bench.sampler.Start();
  bench.scheduler.Advance(milliseconds(1000));
  bench.Stall(milliseconds(1999));
  bench.scheduler.Advance(milliseconds(1));
  REQUIRE(bench.sink.at.size() == 4);
  CHECK(bench.sink.at[3] == milliseconds(3000));
  CHECK(bench.sink.at[2] == milliseconds(2999));
  CHECK(bench.Readings(bench.sink.samples.back()).at("agent_missed_ticks_total") == 0);
}

TEST_CASE("steps of the wall clock change neither stamps nor the schedule") {
  Bench bench;
  bench.sampler.Start();
  bench.scheduler.Advance(milliseconds(1000));
  const WallTime before = bench.sink.samples.back().time;
  bench.scheduler.clock().StepWall(-std::chrono::hours(10));
  bench.scheduler.Advance(milliseconds(1000));
  bench.scheduler.clock().StepWall(std::chrono::hours(20));
  bench.scheduler.Advance(milliseconds(1000));
  REQUIRE(bench.sink.samples.size() == 4);
  CHECK(bench.sink.samples[2].time == before + milliseconds(1000));
  CHECK(bench.sink.samples[3].time == before + milliseconds(2000));
  REQUIRE(bench.sink.samples[3].since_boot);
  CHECK(bench.sink.samples[3].time ==
        FromUnixMillis(1'000'000) + *bench.sink.samples[3].since_boot);
}

TEST_CASE("the first sample has a CPU usage: Start() reads what it is measured against") {
  Bench bench;
  bench.kernel.state.cpu = CpuTicks{.busy = 100, .total = 1000};
  bench.sampler.Start();
  bench.kernel.state.cpu = CpuTicks{.busy = 108, .total = 1020};
  bench.kernel.state.memory_used_mib = 512.5;
  bench.scheduler.Advance(milliseconds(100));
  REQUIRE(bench.sink.samples.size() == 1);
  CHECK(bench.sink.samples[0].cpu_usage_percent == 40);
  CHECK(bench.sink.samples[0].memory_used_mib == 512.5);
}

TEST_CASE("what the kernel does not tell of CPU and memory is 0") {
  Bench bench;
  bench.sampler.Start();
  bench.scheduler.Advance(milliseconds(100));
  REQUIRE(bench.sink.samples.size() == 1);
  CHECK(bench.sink.samples[0].cpu_usage_percent == 0);
  CHECK(bench.sink.samples[0].memory_used_mib == 0);
}

TEST_CASE("readings keep their series when others come and go between them") {
  Bench bench;
  const auto temperature = [&](const std::string& zone, double celsius) {
    bench.kernel.state.Add(metrics::kTemperature, celsius, {{"type", "soc"}, {"zone", zone}});
  };
  bench.sampler.Start();
  temperature("0", 40);
  temperature("2", 42);
  bench.scheduler.Advance(milliseconds(100));
  bench.kernel.state.readings.clear();
  temperature("0", 50);
  temperature("1", 51);
  temperature("2", 52);
  bench.scheduler.Advance(milliseconds(1000));

  REQUIRE(bench.sink.samples.size() == 2);
  const auto readings = bench.Readings(bench.sink.samples[1]);
  CHECK(readings.at("temperature_celsius{type=\"soc\",zone=\"0\"}") == 50);
  CHECK(readings.at("temperature_celsius{type=\"soc\",zone=\"1\"}") == 51);
  CHECK(readings.at("temperature_celsius{type=\"soc\",zone=\"2\"}") == 52);
  CHECK(bench.series.size() == 5);  // With the sampler's own two.
}

TEST_CASE("a full series table leaves readings out, and says how many") {
  Bench bench({}, 3);
  bench.kernel.state.Add(metrics::kLoad1, 1);
  bench.kernel.state.Add(metrics::kLoad5, 5);
  bench.kernel.state.Add(metrics::kLoad15, 15);
  bench.sampler.Start();
  bench.scheduler.Advance(milliseconds(1000));
  REQUIRE(bench.sink.samples.size() == 2);
  const auto readings = bench.Readings(bench.sink.samples[1]);
  CHECK(readings.at("load1") == 1);
  CHECK_FALSE(readings.contains("load5"));
  CHECK(readings.at("agent_series_dropped_total") == 2);
}

TEST_CASE("a destroyed sampler takes no more samples") {
  ManualScheduler scheduler;
  FakeKernel kernel;
  SeriesTable series(10);
  Sink sink(scheduler);
  BootClock clock;
  auto sampler = std::make_unique<Sampler>(scheduler, kernel, series, clock, sink, SamplerConfig{});
  sampler->Start();
  sampler.reset();
  scheduler.Advance(milliseconds(5000));
  CHECK(sink.samples.empty());
}

}  // namespace edgefeed
