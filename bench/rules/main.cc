// bench-rules: what checking samples against the rules costs, in this process and on one thread: a
// fleet that samples each second, with rules and without. Prints one JSON line.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "bench/support/json_line.h"
#include "bench/support/latencies.h"
#include "bench/support/options.h"
#include "bench/support/process_usage.h"
#include "collector/rules/rule_engine.h"
#include "collector/stats.h"
#include "tests/support/fake_alert_recorder.h"
#include "tests/support/fake_fleet_updates.h"
#include "tests/support/manual_scheduler.h"

namespace edgefeed::bench {
namespace {

using namespace std::chrono_literals;

struct Options {
  std::size_t devices = 10'000;
  std::size_t rules = 50;
  std::chrono::milliseconds duration = 30s;
};

constexpr int kWindowedOneIn = 6;

std::string MetricName(std::size_t number) { return "bench_" + std::to_string(number); }

// Every sample has a value for each: a ladder of two levels, some over a window of 30 s. Values are
// spread over 0 to 100, so that one in a hundred is above a threshold.
std::vector<Rule> MakeRules(std::size_t count) {
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < count; ++i) {
    Rule rule = ThresholdRule("RULE_" + std::to_string(i), i == 0 ? "cpu_usage" : MetricName(i),
                              Comparison::kAbove, 99);
    rule.levels.push_back({.severity = Severity::kCritical, .threshold = 99.9, .hold = 5s});
    if (i % kWindowedOneIn == kWindowedOneIn - 1) {
      rule.function = RuleFunction::kAverage;
      rule.window = 30s;
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

struct Cost {
  std::chrono::nanoseconds cpu{0};
  std::uint64_t samples = 0;
  std::uint64_t alerts = 0;
  Latencies latencies;
};

Result<Cost> Measure(const Options& options, std::vector<Rule> rules) {
  ManualScheduler scheduler;
  CollectorStats stats;
  SeriesTable series(options.rules + 1);
  Sample sample;
  for (std::size_t i = 1; i < options.rules; ++i) {
    sample.readings.push_back({.series = *series.Intern({.metric = MetricName(i), .labels = {}})});
  }
  FakeFleetUpdates fleet;
  FakeAlertRecorder recorder;
  RuleEngine engine(scheduler, series, fleet, recorder, stats);
  engine.SetRules(std::move(rules));
  std::vector<std::string> names;
  names.reserve(options.devices);
  for (std::size_t i = 0; i < options.devices; ++i) names.push_back("bench-" + std::to_string(i));

  std::minstd_rand random(1);  // The same values for both runs.
  std::uniform_real_distribution<double> values(0, 100);
  Cost cost;
  const auto begin = CpuTime(::getpid());
  if (!begin) return begin.error();
  for (auto time = 0ms; time < options.duration; time += 1s) {
    scheduler.Advance(1s);
    for (const std::string& name : names) {
      sample.time = scheduler.WallNow();
      sample.cpu_usage_percent = values(random);
      for (Reading& reading : sample.readings) reading.value = values(random);
      const auto before = std::chrono::steady_clock::now();
      engine.Observe(name, sample, Lane::kLive);
      cost.latencies.Add(std::chrono::steady_clock::now() - before);
      fleet.Take();
      recorder.Take();
      ++cost.samples;
    }
  }
  const auto end = CpuTime(::getpid());
  if (!end) return end.error();
  cost.alerts = stats.alerts_fired;
  cost.cpu = *end - *begin;
  return cost;
}

Status Main(const Options& options) {
  auto without = Measure(options, {});
  if (!without) return without.error();
  auto with = Measure(options, MakeRules(options.rules));
  if (!with) return with.error();
  const std::chrono::duration<double> more = with->cpu - without->cpu;
  JsonLine()
      .Add("devices", options.devices)
      .Add("rules", options.rules)
      .Add("samples", with->samples)
      .Add("alerts", with->alerts)
      .Add("cpu_us_per_sample", more.count() * 1e6 / static_cast<double>(with->samples))
      .Add("cores_at_one_hertz", more / std::chrono::duration<double>(options.duration))
      .Add("observe_p50_us", with->latencies.Microseconds(0.5))
      .Add("observe_p99_us", with->latencies.Microseconds(0.99))
      .Add("observe_without_rules_p99_us", without->latencies.Microseconds(0.99))
      .Print();
  return {};
}

}  // namespace
}  // namespace edgefeed::bench

int main(int argc, char** argv) {
  CLI::App app("Measures what rules cost.", "bench-rules");
  edgefeed::bench::Options options;
  app.add_option("--devices", options.devices, "How many, each with a sample a second")
      ->capture_default_str();
  app.add_option("--rules", options.rules, "How many, each about a value of every sample")
      ->capture_default_str();
  edgefeed::bench::AddDuration(app, "--duration", options.duration, "How long they run");
  CLI11_PARSE(app, argc, argv);
  if (const auto status = edgefeed::bench::Main(options); !status) {
    std::fprintf(stderr, "bench-rules: %s\n", status.error().message.c_str());
    return 1;
  }
  return 0;
}
