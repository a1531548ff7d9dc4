#include "ctl/rules/dry_run.h"

#include <limits>
#include <optional>
#include <utility>

namespace edgefeed {
namespace {

constexpr std::string_view kCpu = "cpu_usage";
constexpr std::string_view kMemory = "memory_mb";

}  // namespace

void DryRun::Changes::Record(std::vector<AlertEvent> events, DeviceRuleState /*state*/) {
  for (AlertEvent& event : events) {
    const AlertChange change = event.change;
    if (change == AlertChange::kDeescalated || change == AlertChange::kNoData ||
        change == AlertChange::kDataBack) {
      continue;
    }
    RuleChange& added = changes_.emplace_back();
    added.time = event.time;
    added.change = change;
    added.rule = std::move(event.key.rule);
    added.series = std::move(event.key.series);
    added.severity = event.severity;
    if (change == AlertChange::kResolved) continue;
    added.value = event.value;
    added.message = std::move(event.message);
  }
}

DryRun::DryRun(std::vector<Rule> rules, std::string device, Labels device_labels)
    : device_(std::move(device)), table_(std::numeric_limits<SeriesId>::max()) {
  std::vector<Rule> cpu;
  std::vector<Rule> memory;
  std::vector<Rule> others;
  for (Rule& rule : rules) {
    // So that the engine tells of each sample above the threshold.
    if (rule.kind == RuleKind::kThreshold) rule.repeat_interval = {};
    (rule.metric == kCpu ? cpu : rule.metric == kMemory ? memory : others).push_back(rule);
  }
  cpu_ = EngineOf(std::move(cpu), device_labels);
  memory_ = EngineOf(std::move(memory), device_labels);
  others_ = EngineOf(std::move(others), device_labels);
}

std::unique_ptr<RuleEngine> DryRun::EngineOf(std::vector<Rule> rules, const Labels& device_labels) {
  auto engine = std::make_unique<RuleEngine>(scheduler_, table_, fleet_, changes_, stats_);
  engine->SetRules(std::move(rules));
  engine->Describe(device_,
                   std::make_shared<const DeviceInfo>(DeviceInfo{.labels = device_labels}));
  return engine;
}

std::vector<RuleChange> DryRun::Observe(WallTime time, std::span<const DeviceReading> values) {
  scheduler_.AdvanceTo(time);
  Sample sample;
  sample.time = time;
  std::optional<double> cpu;
  std::optional<double> memory;
  for (const DeviceReading& reading : values) {
    if (reading.series.metric == kCpu) {
      cpu = reading.value;
    } else if (reading.series.metric == kMemory) {
      memory = reading.value;
    } else if (const auto id = table_.Intern(reading.series)) {
      sample.readings.push_back({.series = *id, .value = reading.value});
    }
  }
  others_->Observe(device_, sample, Lane::kLive);
  if (cpu) cpu_->Observe(device_, {.time = time, .cpu_usage_percent = *cpu}, Lane::kLive);
  if (memory) memory_->Observe(device_, {.time = time, .memory_used_mib = *memory}, Lane::kLive);
  return changes_.Take();
}

}  // namespace edgefeed
