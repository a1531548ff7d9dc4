#include "collector/rules/rule_engine.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

#include "collector/rules/condition_id.h"
#include "collector/rules/device_state_codec.h"

namespace edgefeed {
namespace {

// Backlog that pauses for longer begins anew.
constexpr std::chrono::minutes kLateTrackStays{10};
// A collector that was away for longer has missed samples.
constexpr std::chrono::seconds kNothingMissed{30};

}  // namespace

RuleEngine::RuleEngine(Scheduler& scheduler, SeriesTable& series, FleetUpdates& fleet,
                       AlertRecorder& recorder, CollectorStats& stats)
    : scheduler_(scheduler),
      series_(series),
      fleet_(fleet),
      recorder_(recorder),
      stats_(stats),
      judge_(rules_, series_, letter_limits_, stats_),
      checks_(scheduler, [this](Device& device) {
        device.second.check_due.reset();
        ForgetLate(device.second);
        RuleVisit visit = Visit(device, device.second.live);
        judge_.JudgeSilence(visit);
        Conclude(device, std::move(visit));
        CheckAgain(device);
      }) {}

void RuleEngine::SetRules(std::vector<Rule> rules) {
  Renumbering renumbering(rules_.size());
  for (std::size_t old = 0; old < rules_.size(); ++old) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (SameCondition(rules_[old], rules[i])) renumbering[old] = i;
    }
  }
  // The old ones stay until nothing refers to them any more.
  const RuleSet old = std::exchange(rules_, RuleSet(std::move(rules)));
  for (Device& device : devices_) Rematch(device, old, renumbering);
}

void RuleEngine::Describe(const std::string& name, const std::shared_ptr<const DeviceInfo>& info) {
  Device& device = Find(name);
  const bool same_labels = RuleJudge::LabelsOf(device.second) == info->labels;
  device.second.info = info;
  if (same_labels) return;
  Renumbering same(rules_.size());
  for (std::size_t i = 0; i < same.size(); ++i) same[i] = i;
  Rematch(device, rules_, same);
}

RuleEngine::Device& RuleEngine::Find(const std::string& name) {
  const auto [found, is_new] = devices_.try_emplace(name);
  if (is_new) {
    found->second.rules = rules_.For(name, {});
    found->second.last_heard = scheduler_.Now();
    CheckAgain(*found);
  }
  return *found;
}

RuleVisit RuleEngine::Visit(Device& device, RuleTrack& track) const {
  const WallTime now = scheduler_.WallNow();
  return {.name = device.first,
          .device = device.second,
          .track = track,
          .now = scheduler_.Now(),
          .wall_now = now,
          .time = now,
          .on_line = {},
          .events = {},
          .check_by = {}};
}

void RuleEngine::Rematch(Device& device, const RuleSet& old_rules, const Renumbering& renumbering) {
  auto& [name, state] = device;
  RuleVisit visit = Visit(device, state.live);
  state.late.reset();
  const auto before = std::exchange(state.rules, rules_.For(name, RuleJudge::LabelsOf(state)));
  RuleInstances kept;
  state.window_values = 0;
  for (auto& [key, instance] : state.live.instances) {
    const auto number = renumbering[key.rule];
    const EffectiveRule* now = number ? state.rules[*number] : nullptr;
    if (now != nullptr && now->levels == before[key.rule]->levels) {
      if (instance.window) state.window_values += instance.window->size();
      kept.emplace(InstanceKey{*number, key.series}, std::move(instance));
      continue;
    }
    visit.state_changed = true;
    if (!instance.state.firing()) continue;
    const Rule& rule = old_rules[key.rule];
    const Series headline{.metric = rule.metric, .labels = {}};
    judge_.JudgeGone(visit, rule.name,
                     key.series == kHeadlineSeries ? headline : series_[key.series], rule.kind);
  }
  state.live.instances = std::move(kept);
  Conclude(device, std::move(visit));
  CheckAgain(device);
}

void RuleEngine::Observe(const std::string& name, const Sample& sample, Lane lane) {
  Device& device = Find(name);
  RuleTrack& track = lane == Lane::kLive ? device.second.live : LateTrackOf(device.second);
  if (lane == Lane::kBacklog) Heard(name);
  RuleVisit visit = Visit(device, track);
  device.second.last_heard = visit.now;
  if (lane == Lane::kLive) judge_.JudgeHeard(visit);
  judge_.Judge(visit, sample);
  Conclude(device, std::move(visit));
}

void RuleEngine::Heard(const std::string& name) {
  Device& device = Find(name);
  RuleVisit visit = Visit(device, device.second.live);
  device.second.last_heard = visit.now;
  judge_.JudgeHeard(visit);
  Conclude(device, std::move(visit));
}

RuleTrack& RuleEngine::LateTrackOf(DeviceRules& device) {
  ForgetLate(device);
  if (device.late == nullptr) device.late = std::make_unique<LateTrack>();
  device.late->last_sample = scheduler_.Now();
  return *device.late;
}

void RuleEngine::ForgetLate(DeviceRules& device) const {
  if (device.late == nullptr || scheduler_.Now() - device.late->last_sample < kLateTrackStays) {
    return;
  }
  for (const auto& [key, instance] : device.late->instances) {
    if (instance.window) device.window_values -= instance.window->size();
  }
  device.late.reset();
}

void RuleEngine::Conclude(Device& device, RuleVisit visit) {
  auto& [name, state] = device;
  if (visit.check_by && (!state.check_due || *visit.check_by < *state.check_due)) {
    if (state.check_due) checks_.Remove(device, *state.check_due);
    state.check_due = visit.check_by;
    checks_.Add(device, *state.check_due);
  }
  if (visit.firing_changed) {
    fleet_.SetFiring(name, Firing(name));
    CheckAgain(device);
  }
  if (!visit.events.empty()) {
    recorder_.Record(std::move(visit.events), {.device = name, .bytes = Encode(state)});
    state.unsaved = false;
  } else if (visit.state_changed && !visit.late()) {  // The late track is not kept.
    SaveSoon(device);
  }
}

void RuleEngine::CheckAgain(Device& device) {
  auto& due = device.second.check_due;
  if (due) checks_.Remove(device, *due);
  due = judge_.NextCheck(device.second, scheduler_.Now(), scheduler_.WallNow());
  if (due) checks_.Add(device, *due);
}

const Alert* RuleEngine::Next(const std::string& name, std::uint64_t after) {
  const auto found = devices_.find(name);
  if (found == devices_.end() || found->second.mailbox.memory().letters.empty()) return nullptr;
  const Alert* next =
      found->second.mailbox.Next(after, scheduler_.WallNow(), letter_limits_, stats_);
  if (next != nullptr) SaveSoon(*found);
  return next;
}

void RuleEngine::Acknowledge(const std::string& name, std::uint64_t number) {
  Device& device = Find(name);
  if (device.second.mailbox.Acknowledge(number)) SaveSoon(device);
}

std::vector<std::string> RuleEngine::Firing(const std::string& name) const {
  std::set<std::string> names;
  const auto found = devices_.find(name);
  if (found == devices_.end()) return {};
  for (const auto& [key, instance] : found->second.live.instances) {
    if (instance.state.firing()) names.insert(rules_[key.rule].name);
  }
  return {names.begin(), names.end()};
}

void RuleEngine::SaveSoon(Device& device) {
  if (std::exchange(device.second.unsaved, true)) return;
  if (unsaved_.empty()) save_ = scheduler_.RunAfter(kSaveWithin, [this] { Save(); });
  unsaved_.push_back(&device);
}

void RuleEngine::Save() {
  for (Device* const device : std::exchange(unsaved_, {})) {
    // An alert may have taken the state along since.
    if (!std::exchange(device->second.unsaved, false)) continue;
    recorder_.Record({}, {.device = device->first, .bytes = Encode(device->second)});
  }
}

std::string RuleEngine::Encode(const DeviceRules& device) const {
  SavedDevice saved{.timeline = device.live.timeline.memory(),
                    .instances = {},
                    .mailbox = device.mailbox.memory()};
  for (const auto& [key, instance] : device.live.instances) {
    // A window alone would be empty in the next run.
    if (instance.state == RuleState{} && instance.window && !instance.no_data) continue;
    saved.instances.push_back({.rule = rules_[key.rule].name,
                               .condition_id = device.rules[key.rule]->condition_id,
                               .series = judge_.SeriesOf(key),
                               .state = instance.state,
                               .no_data = instance.no_data});
  }
  if (saved.instances.empty() && device.mailbox.empty()) return {};
  return EncodeSavedDevice(saved);
}

void RuleEngine::Restore(const std::string& name, const std::shared_ptr<const DeviceInfo>& info,
                         const DeviceBefore& before) {
  Device& device = *devices_.try_emplace(name).first;
  DeviceRules& state = device.second;
  state.info = info;
  state.rules = rules_.For(name, RuleJudge::LabelsOf(state));
  state.last_heard = scheduler_.Now() - before.silent;
  RuleVisit visit = Visit(device, state.live);
  if (!before.state.empty()) Resume(device, visit, before);
  visit.firing_changed = !state.live.instances.empty();
  Conclude(device, std::move(visit));
  CheckAgain(device);
}

void RuleEngine::Resume(Device& device, RuleVisit& visit, const DeviceBefore& before) {
  auto& [name, state] = device;
  auto saved = DecodeSavedDevice(before.state);
  visit.state_changed = true;
  if (!saved) {
    spdlog::error("device '{}': the states of its rules begin anew: {}", name,
                  saved.error().message);
    return;
  }
  state.live.timeline.Resume(saved->timeline);
  state.mailbox.Restore(std::move(saved->mailbox));
  for (SavedInstance& was : saved->instances) {
    const auto number = rules_.Find(was.rule);
    const EffectiveRule* now = number ? state.rules[*number] : nullptr;
    const bool is_headline = number && (rules_[*number].kind == RuleKind::kOffline ||
                                        IsHeadline(rules_[*number].metric));
    const auto series = is_headline ? std::optional(kHeadlineSeries) : series_.Intern(was.series);
    if (now == nullptr || now->condition_id != was.condition_id || !series) {
      if (was.state.firing()) {
        const bool was_offline = was.series.metric == kOfflineMetric;
        judge_.JudgeGone(visit, was.rule, was.series,
                         was_offline ? RuleKind::kOffline : RuleKind::kThreshold);
      }
      continue;
    }
    const Rule& rule = rules_[*number];
    RuleInstance& instance = state.live.instances[{*number, *series}];
    instance.state = was.state;
    instance.no_data = was.no_data;
    instance.last_value = scheduler_.Now();
    if (before.down > kNothingMissed) ForgetPending(instance.state);
    if (rule.function != RuleFunction::kLast) {
      instance.window = RuleJudge::WindowOf(rule);
      instance.window_refills = true;
    }
  }
}

}  // namespace edgefeed
