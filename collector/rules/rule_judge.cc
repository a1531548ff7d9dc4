#include "collector/rules/rule_judge.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "collector/rules/alert_message.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

double Headline(const Sample& sample, std::string_view metric) {
  return metric == "cpu_usage" ? sample.cpu_usage_percent : sample.memory_used_mib;
}

bool BeyondAny(const Condition& condition, double value) {
  return std::ranges::any_of(condition.levels, [&](const RuleLevel& level) {
    return condition.Beyond(value, level.threshold);
  });
}

// Whether each of its series is to be known, even if its values are fine: to miss it.
bool MissesSeries(const Rule& rule) {
  return rule.kind == RuleKind::kThreshold && rule.no_data.state != NoDataState::kKeep;
}

Condition ConditionOf(const Rule& rule, const EffectiveRule& effective) {
  return {.comparison = rule.comparison,
          .levels = effective.levels,
          .repeat_interval = rule.repeat_interval};
}

AlertChange ChangeOf(TransitionKind kind) {
  switch (kind) {
    case TransitionKind::kFired: return AlertChange::kFired;
    case TransitionKind::kEscalated: return AlertChange::kEscalated;
    case TransitionKind::kDeescalated: return AlertChange::kDeescalated;
    case TransitionKind::kRepeated: return AlertChange::kRepeated;
    case TransitionKind::kResolved: break;
  }
  return AlertChange::kResolved;
}

// A device hears of what it is to act on. That nothing is heard of it, it knows itself.
bool IsForDevice(const AlertEvent& event) {
  if (event.kind == AlertKind::kOffline) return false;
  return event.change == AlertChange::kFired || event.change == AlertChange::kEscalated ||
         event.change == AlertChange::kRepeated || event.change == AlertChange::kResolved;
}

std::string_view LabelValue(const Labels& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &Label::name);
  return found == labels.end() ? std::string_view() : std::string_view(found->value);
}

}  // namespace

const Labels& RuleJudge::LabelsOf(const DeviceRules& device) {
  static const Labels none;
  return device.info == nullptr ? none : device.info->labels;
}

SampleWindow RuleJudge::WindowOf(const Rule& rule) {
  // The names of counters, here and in the catalogue, end like this.
  const bool counts = rule.metric.ends_with("_total");
  return {rule.function, rule.window, counts ? ValueKind::kCounter : ValueKind::kGauge};
}

Series RuleJudge::SeriesOf(const InstanceKey& key) const {
  if (key.series != kHeadlineSeries) return series_[key.series];
  return {.metric = rules_[key.rule].metric, .labels = {}};
}

void RuleJudge::Judge(RuleVisit& visit, const Sample& sample) {
  const auto [time, after_gap] = visit.track.timeline.Advance(sample.time);
  visit.time = sample.time;
  visit.on_line = time;
  if (after_gap) {
    for (auto& [key, instance] : visit.track.instances) ForgetPending(instance.state);
    visit.state_changed |= !visit.track.instances.empty();
  }
  for (const std::size_t rule : rules_.headline()) {
    Check(visit, {.rule = rule}, Headline(sample, rules_[rule].metric));
  }
  for (const Reading& reading : sample.readings) {
    for (const std::size_t rule : rules_.About(reading.series, series_)) {
      Check(visit, {.rule = rule, .series = reading.series}, reading.value);
    }
  }
}

void RuleJudge::Check(RuleVisit& visit, const InstanceKey& key, double value) {
  const EffectiveRule* effective = visit.device.rules[key.rule];
  if (effective == nullptr) return;
  const Rule& rule = rules_[key.rule];
  const Condition condition = ConditionOf(rule, *effective);
  RuleInstance* instance = FindInstance(visit, rule, condition, key, value);
  if (instance == nullptr) return;
  instance->last_value = visit.now;
  const bool is_back = std::exchange(instance->no_data, false);
  const auto judged = Judged(visit, rule, *instance, value);
  const RuleState before = instance->state;
  std::optional<Transition> transition;
  if (judged) {
    transition = Observe(instance->state, condition,
                         {.value = *judged, .time = *visit.on_line, .now = visit.wall_now});
  }
  visit.state_changed |= is_back || instance->state != before;
  if (const auto level = instance->state.firing(); is_back && level && before.firing()) {
    Report(visit, EventOf(visit, key, judged.value_or(value), AlertChange::kDataBack, *level));
  }
  Apply(visit, key, judged.value_or(value), transition);
  if (!instance->window && instance->state.idle() && !MissesSeries(rule)) {
    visit.track.instances.erase(key);
  }
}

RuleInstance* RuleJudge::FindInstance(RuleVisit& visit, const Rule& rule,
                                      const Condition& condition, const InstanceKey& key,
                                      double value) {
  auto& instances = visit.track.instances;
  const auto found = instances.find(key);
  if (found != instances.end()) return &found->second;
  const bool is_last = rule.function == RuleFunction::kLast;
  if (is_last && !BeyondAny(condition, value) && !MissesSeries(rule)) return nullptr;
  RuleInstance& added = instances[key];
  if (!is_last) added.window = WindowOf(rule);
  visit.state_changed |= MissesSeries(rule);
  const SteadyTime check_by = visit.now + rule.no_data.after;
  if (!visit.late()) visit.check_by = std::min(visit.check_by.value_or(check_by), check_by);
  return &added;
}

std::optional<double> RuleJudge::Judged(const RuleVisit& visit, const Rule& rule,
                                        RuleInstance& instance, double value) {
  if (!instance.window) return value;
  SampleWindow& window = *instance.window;
  std::size_t& all = visit.device.window_values;
  const std::size_t others = all - window.size();
  const std::size_t most = kMaxWindowValues - std::min(kMaxWindowValues, others);
  if (!window.Add(*visit.on_line, value, most)) ++stats_.rule_values_dropped;
  all = others + window.size();
  if (instance.window_refills) {
    if (!instance.refilled) instance.refilled = *visit.on_line + rule.window;
    if (*visit.on_line < *instance.refilled) return std::nullopt;
    instance.window_refills = false;
  }
  return window.Value();
}

void RuleJudge::JudgeHeard(RuleVisit& visit) {
  for (const std::size_t rule : rules_.offline()) {
    if (visit.device.live.instances.contains({.rule = rule})) JudgeOffline(visit, rule, 0);
  }
}

void RuleJudge::JudgeSilence(RuleVisit& visit) {
  const std::chrono::duration<double> silent = visit.now - visit.device.last_heard;
  for (const std::size_t rule : rules_.offline()) JudgeOffline(visit, rule, silent.count());
  for (auto& [key, instance] : visit.track.instances) JudgeNoData(visit, key, instance);
  std::erase_if(visit.track.instances, [&](const auto& entry) {
    const auto& [key, instance] = entry;
    return !instance.window && instance.state.idle() && !MissesSeries(rules_[key.rule]);
  });
}

void RuleJudge::JudgeOffline(RuleVisit& visit, std::size_t rule, double silent_seconds) {
  const EffectiveRule* effective = visit.device.rules[rule];
  if (effective == nullptr) return;
  const InstanceKey key{.rule = rule};
  const Condition condition = ConditionOf(rules_[rule], *effective);
  auto& instances = visit.device.live.instances;
  const auto found = instances.find(key);
  if (found == instances.end() && !BeyondAny(condition, silent_seconds)) return;
  RuleState& state = instances[key].state;
  const auto transition = Observe(
      state, condition, {.value = silent_seconds, .time = visit.wall_now, .now = visit.wall_now});
  visit.state_changed |= transition.has_value();
  Apply(visit, key, silent_seconds, transition);
  if (state.idle()) instances.erase(key);
}

void RuleJudge::JudgeNoData(RuleVisit& visit, const InstanceKey& key, RuleInstance& instance) {
  const Rule& rule = rules_[key.rule];
  // Of a device that is silent as a whole nothing is missing in particular.
  const bool is_missing = visit.device.last_heard - instance.last_value >= rule.no_data.after;
  if (rule.kind == RuleKind::kOffline || instance.no_data || !is_missing) return;
  instance.no_data = true;
  visit.state_changed = true;
  const auto transition = Force(instance.state, rule.no_data.state, visit.wall_now);
  const auto level = transition ? transition->level : instance.state.firing();
  if (!level) return;
  const AlertChange change = transition ? ChangeOf(transition->kind) : AlertChange::kNoData;
  AlertEvent event = EventOf(visit, key, 0, change, *level);
  event.kind = AlertKind::kNoData;
  event.message = visit.name + ": no values of " + ToString(event.key.series);
  Report(visit, std::move(event));
}

std::optional<SteadyTime> RuleJudge::NextCheck(const DeviceRules& device, SteadyTime now,
                                               WallTime wall_now) const {
  std::optional<SteadyTime> next;
  const auto note = [&](SteadyTime due) { next = std::min(next.value_or(due), due); };
  for (const std::size_t rule : rules_.offline()) {
    if (device.rules[rule] == nullptr) continue;
    const auto found = device.live.instances.find({.rule = rule});
    if (found != device.live.instances.end()) {
      const auto since = wall_now - found->second.state.last_alert;
      note(now + std::clamp<std::chrono::milliseconds>(rules_[rule].repeat_interval - since, 1s,
                                                       std::chrono::hours(24)));
      continue;
    }
    const std::chrono::duration<double> after(device.rules[rule]->levels.front().threshold);
    // Longer than `after`, not as long.
    note(device.last_heard + std::chrono::duration_cast<std::chrono::milliseconds>(after) + 1ms);
  }
  for (const auto& [key, instance] : device.live.instances) {
    const Rule& rule = rules_[key.rule];
    if (rule.kind == RuleKind::kOffline || instance.no_data) continue;
    const SteadyTime due = instance.last_value + rule.no_data.after;
    note(due > now ? due : now + rule.no_data.after);
  }
  return next;
}

void RuleJudge::Apply(RuleVisit& visit, const InstanceKey& key, double value,
                      const std::optional<Transition>& transition) const {
  if (transition) {
    Report(visit, EventOf(visit, key, value, ChangeOf(transition->kind), transition->level));
  }
}

AlertEvent RuleJudge::EventOf(const RuleVisit& visit, const InstanceKey& key, double value,
                              AlertChange change, std::size_t level) const {
  const Rule& rule = rules_[key.rule];
  const RuleLevel& at = visit.device.rules[key.rule]->levels[level];
  const bool is_offline = rule.kind == RuleKind::kOffline;
  AlertEvent event{.key = {.device = visit.name, .rule = rule.name, .series = SeriesOf(key)},
                   .kind = is_offline ? AlertKind::kOffline : AlertKind::kThreshold,
                   .change = change,
                   .severity = at.severity,
                   .value = value,
                   .threshold = at.threshold,
                   .message = {},
                   .time = visit.time,
                   .late = visit.late(),
                   .device_labels = LabelsOf(visit.device),
                   .parent = std::string(LabelValue(LabelsOf(visit.device), rule.parent_label))};
  // When the device was last heard of.
  if (is_offline && change != AlertChange::kResolved) {
    event.time -=
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(value));
  }
  event.message = AlertMessage({.event = event, .rule = rule, .level = at});
  return event;
}

void RuleJudge::Report(RuleVisit& visit, AlertEvent event) const {
  const bool begins = event.change == AlertChange::kFired;
  if (event.late) {
    // What was so is worth a word once, unless it still is.
    const auto key = rules_.Find(event.key.rule);
    const auto is_it = [&](const auto& entry) {
      return entry.first.rule == key && entry.second.state.firing() &&
             SeriesOf(entry.first) == event.key.series;
    };
    if (!begins || std::ranges::any_of(visit.device.live.instances, is_it)) return;
    ++stats_.alerts_late;
    visit.events.push_back(std::move(event));
    return;
  }
  visit.firing_changed |= begins || event.change == AlertChange::kResolved;
  if (IsForDevice(event)) {
    Alert alert{.rule = event.key.rule,
                .message = event.message,
                .value = event.value,
                .time = event.time,
                .severity = event.severity,
                .resolved = event.change == AlertChange::kResolved};
    stats_.alerts_fired += alert.resolved ? 0 : 1;
    visit.device.mailbox.Add(std::move(alert), event.key.series, visit.wall_now, letter_limits_,
                             stats_);
  }
  visit.events.push_back(std::move(event));
}

void RuleJudge::JudgeGone(RuleVisit& visit, const std::string& rule, const Series& series,
                          RuleKind kind) const {
  Report(visit, {.key = {.device = visit.name, .rule = rule, .series = series},
                 .kind = kind == RuleKind::kOffline ? AlertKind::kOffline : AlertKind::kThreshold,
                 .change = AlertChange::kResolved,
                 .message = visit.name + ": rule " + rule + " is not about " + ToString(series) +
                            " any more, or another one",
                 .time = visit.wall_now,
                 .device_labels = LabelsOf(visit.device),
                 .parent = {}});
}

}  // namespace edgefeed
