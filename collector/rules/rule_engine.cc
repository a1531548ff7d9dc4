#include "collector/rules/rule_engine.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "collector/rules/alert_message.h"

namespace edgefeed {
namespace {

double Headline(const Sample& sample, std::string_view metric) {
  return metric == "cpu_usage" ? sample.cpu_usage_percent : sample.memory_used_mib;
}

// The names of counters, here and in the catalogue, end like this.
ValueKind KindOf(std::string_view metric) {
  return metric.ends_with("_total") ? ValueKind::kCounter : ValueKind::kGauge;
}

// What a state is about, but for the levels, which may differ from device to device.
bool SameCondition(const Rule& a, const Rule& b) {
  return a.name == b.name && a.metric == b.metric && a.labels == b.labels &&
         a.function == b.function && a.window == b.window && a.comparison == b.comparison;
}

bool BeyondAny(const Condition& condition, double value) {
  return std::ranges::any_of(condition.levels, [&](const RuleLevel& level) {
    return condition.Beyond(value, level.threshold);
  });
}

}  // namespace

void RuleEngine::SetRules(std::vector<Rule> rules) {
  Renumbering renumbering(rules_.size());
  for (std::size_t old = 0; old < rules_.size(); ++old) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (SameCondition(rules_[old], rules[i])) renumbering[old] = i;
    }
  }
  // The old ones stay until nothing refers to them any more.
  const RuleSet old = std::exchange(rules_, RuleSet(std::move(rules)));
  for (auto& [name, device] : devices_) Rematch(name, device, renumbering);
}

bool RuleEngine::Describe(const std::string& name, const std::shared_ptr<const DeviceInfo>& info) {
  Device& device = Find(name);
  const bool same_labels = LabelsOf(device) == info->labels;
  device.info = info;
  if (same_labels) return false;
  Renumbering same(rules_.size());
  for (std::size_t i = 0; i < same.size(); ++i) same[i] = i;
  return Rematch(name, device, same);
}

RuleEngine::Device& RuleEngine::Find(const std::string& name) {
  const auto [found, is_new] = devices_.try_emplace(name);
  if (is_new) found->second.rules = rules_.For(name, {});
  return found->second;
}

bool RuleEngine::Rematch(const std::string& name, Device& device, const Renumbering& renumbering) {
  const auto before = std::exchange(device.rules, rules_.For(name, LabelsOf(device)));
  Instances kept;
  bool stopped = false;
  device.window_values = 0;
  for (auto& [key, instance] : device.instances) {
    const auto number = renumbering[key.rule];
    const EffectiveRule* now = number ? device.rules[*number] : nullptr;
    if (now != nullptr && now->levels == before[key.rule]->levels) {
      if (instance.window) device.window_values += instance.window->size();
      kept.emplace(Key{*number, key.series}, std::move(instance));
    } else if (instance.state.firing()) {
      stopped = true;
    }
  }
  device.instances = std::move(kept);
  return stopped;
}

const Labels& RuleEngine::LabelsOf(const Device& device) {
  static const Labels none;
  return device.info == nullptr ? none : device.info->labels;
}

Verdict RuleEngine::Observe(const std::string& name, const Sample& sample) {
  Device& device = Find(name);
  const auto [time, after_gap] = device.timeline.Advance(sample.time);
  if (after_gap) {
    for (auto& [key, instance] : device.instances) ForgetPending(instance.state);
  }
  Visit visit{.name = name,
              .device = device,
              .sample = sample,
              .time = time,
              .now = scheduler_.WallNow(),
              .verdict = {},
              .events = {}};
  for (const std::size_t rule : rules_.headline()) {
    Check(visit, {.rule = rule}, Headline(sample, rules_[rule].metric));
  }
  for (const Reading& reading : sample.readings) {
    for (const std::size_t rule : rules_.About(reading.series, series_)) {
      Check(visit, {.rule = rule, .series = reading.series}, reading.value);
    }
  }
  if (recorder_ != nullptr && !visit.events.empty()) recorder_->Record(std::move(visit.events), {});
  return std::move(visit.verdict);
}

std::vector<std::string> RuleEngine::Firing(const std::string& name) const {
  std::set<std::string> names;
  const auto found = devices_.find(name);
  if (found == devices_.end()) return {};
  for (const auto& [key, instance] : found->second.instances) {
    if (instance.state.firing()) names.insert(rules_[key.rule].name);
  }
  return {names.begin(), names.end()};
}

void RuleEngine::Check(Visit& visit, const Key& key, double value) {
  const EffectiveRule* effective = visit.device.rules[key.rule];
  if (effective == nullptr) return;
  const Rule& rule = rules_[key.rule];
  const Condition condition{.comparison = rule.comparison,
                            .levels = effective->levels,
                            .repeat_interval = rule.repeat_interval};
  Instance* instance = FindInstance(visit.device, rule, condition, key, value);
  if (instance == nullptr) return;
  const auto judged = Judged(visit, *instance, value);
  if (!judged) return;
  const auto transition = edgefeed::Observe(
      instance->state, condition, {.value = *judged, .time = visit.time, .now = visit.now});
  if (transition) Report(visit, key, *judged, *transition);
  if (!instance->window && instance->state.idle()) visit.device.instances.erase(key);
}

RuleEngine::Instance* RuleEngine::FindInstance(Device& device, const Rule& rule,
                                               const Condition& condition, const Key& key,
                                               double value) {
  const auto found = device.instances.find(key);
  if (found != device.instances.end()) return &found->second;
  if (rule.function == RuleFunction::kLast && !BeyondAny(condition, value)) return nullptr;
  Instance& added = device.instances[key];
  if (rule.function != RuleFunction::kLast) {
    added.window.emplace(rule.function, rule.window, KindOf(rule.metric));
  }
  return &added;
}

std::optional<double> RuleEngine::Judged(const Visit& visit, Instance& instance, double value) {
  if (!instance.window) return value;
  SampleWindow& window = *instance.window;
  std::size_t& all = visit.device.window_values;
  const std::size_t others = all - window.size();
  const std::size_t most = kMaxWindowValues - std::min(kMaxWindowValues, others);
  if (!window.Add(visit.time, value, most)) ++stats_.rule_values_dropped;
  all = others + window.size();
  return window.Value();
}

AlertEvent RuleEngine::EventOf(const Visit& visit, const Key& key, double value,
                               const Transition& transition) const {
  const Rule& rule = rules_[key.rule];
  const RuleLevel& level = visit.device.rules[key.rule]->levels[transition.level];
  AlertEvent event;
  event.key = {.device = visit.name,
               .rule = rule.name,
               .series = key.series == kHeadline ? Series{.metric = rule.metric, .labels = {}}
                                                 : series_[key.series]};
  switch (transition.kind) {
    case TransitionKind::kFired: event.change = AlertChange::kFired; break;
    case TransitionKind::kEscalated: event.change = AlertChange::kEscalated; break;
    case TransitionKind::kDeescalated: event.change = AlertChange::kDeescalated; break;
    case TransitionKind::kRepeated: event.change = AlertChange::kRepeated; break;
    case TransitionKind::kResolved: event.change = AlertChange::kResolved; break;
  }
  event.severity = level.severity;
  event.value = value;
  event.threshold = level.threshold;
  event.message = AlertMessage({.device = visit.name,
                                .device_labels = LabelsOf(visit.device),
                                .series = event.key.series,
                                .rule = rule,
                                .level = level,
                                .value = value});
  event.time = visit.sample.time;
  event.device_labels = LabelsOf(visit.device);
  return event;
}

void RuleEngine::Report(Visit& visit, const Key& key, double value,
                        const Transition& transition) const {
  const TransitionKind kind = transition.kind;
  visit.events.push_back(EventOf(visit, key, value, transition));
  if (kind == TransitionKind::kFired || kind == TransitionKind::kResolved) {
    visit.verdict.firing_changed = true;
  }
  if (kind == TransitionKind::kResolved || kind == TransitionKind::kDeescalated) return;
  const Rule& rule = rules_[key.rule];
  const RuleLevel& level = visit.device.rules[key.rule]->levels[transition.level];
  const Series headline{.metric = rule.metric, .labels = {}};
  visit.verdict.alerts.push_back(
      {.rule = rule.name,
       .message = AlertMessage({.device = visit.name,
                                .device_labels = LabelsOf(visit.device),
                                .series = key.series == kHeadline ? headline : series_[key.series],
                                .rule = rule,
                                .level = level,
                                .value = value}),
       .value = value,
       .time = visit.sample.time,
       .severity = level.severity});
}

}  // namespace edgefeed
