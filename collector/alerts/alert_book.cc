#include "collector/alerts/alert_book.h"

#include <algorithm>
#include <utility>

#include "common/digest/alert_id.h"

namespace edgefeed {
namespace {

// The longest that a child may be said to have been silent: it waits for its parent so long.
constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24);

bool IsOffline(const BookedAlert& alert) { return alert.event.kind == AlertKind::kOffline; }

}  // namespace

void AlertBook::Restore(BookedAlert alert) {
  const std::string id = alert.id;
  BookedAlert& added = alerts_[id] = std::move(alert);
  if (!added.now.firing) return;
  Count({}, added.now);
  if (IsOffline(added)) {
    static_cast<void>(offline_.Add(added.event.key.device, added.event.parent, id));
  }
}

void AlertBook::RestoreNumbers(std::uint64_t next_notification, std::uint64_t next_silence) {
  next_notification_ = std::max(next_notification_, next_notification);
  silences_.RestoreNext(next_silence);
}

void AlertBook::Apply(const AlertEvent& event, WallTime now) {
  ++stats_.alert_events;
  const std::string id = AlertId(event.key);
  const auto found = alerts_.find(id);
  const bool known = found != alerts_.end() && found->second.now.firing;
  if (event.late) return ApplyLate(id, event, now);
  const bool fires = event.change != AlertChange::kResolved &&
                     event.change != AlertChange::kNoData && event.change != AlertChange::kDataBack;
  if (!known && !fires) {  // It has been told of before, or is only about values.
    return Log({.id = id, .event = event, .now = {}, .told = {}}, event, now);
  }
  BookedAlert& alert = Open(id);
  const AlertCondition told = alert.told;
  const std::string parent = alert.event.parent;
  alert.event = event;
  if (known) alert.event.parent = parent;  // By which it is found again.
  // A rule that is gone does not know how severe it was.
  if (known && event.change == AlertChange::kResolved) alert.event.severity = alert.now.severity;
  alert.updated = now;
  if (fires) Fire(alert, event, now);
  if (event.change == AlertChange::kResolved) Resolve(alert, now);
  if (event.change == AlertChange::kNoData || event.change == AlertChange::kDataBack) {
    const bool no_data = event.change == AlertChange::kNoData;
    if (std::exchange(alert.now.no_data, no_data) != no_data) NoteChange(alert, now);
  }
  FindSuppressors(alert);
  changes_.alerts.insert(id);
  changes_.shown.insert_or_assign(id, alert);
  Log(alert, alert.event, now);
  if (event.change == AlertChange::kRepeated && alert.now == told) Repeat(alert);
  if (const Suppression why = SuppressionOf(alert);
      why != Suppression::kNone && why != Suppression::kAcknowledged && alert.now != alert.told) {
    ++stats_.alert_notifications_suppressed[static_cast<std::size_t>(why)];
  }
  Settle(alert);
}

// What was so does not fire now: it is told once, and has no end.
void AlertBook::ApplyLate(const std::string& id, const AlertEvent& event, WallTime now) {
  BookedAlert once{.id = id, .event = event, .now = {}, .told = {}};
  once.started = event.time;
  FindSuppressors(once);
  Log(once, event, now);
  const Suppression why = SuppressionOf(once);
  if (why != Suppression::kNone) {
    ++stats_.alert_notifications_suppressed[static_cast<std::size_t>(why)];
    return;
  }
  Notify(once, event.change);
}

BookedAlert& AlertBook::Open(const std::string& id) {
  BookedAlert& alert = alerts_[id];
  alert.id = id;
  return alert;
}

void AlertBook::Fire(BookedAlert& alert, const AlertEvent& event, WallTime now) {
  const AlertCondition before = alert.now;
  alert.now = {.firing = true, .severity = event.severity, .no_data = before.no_data};
  if (event.change == AlertChange::kFired) alert.now.no_data = false;
  Count(before, alert.now);
  if (alert.now != before) NoteChange(alert, now);
  if (before.firing) return;
  alert.started = event.time;
  alert.fired = now;
  if (!IsOffline(alert)) return;
  alert.silent_for = std::clamp(now - event.time, std::chrono::milliseconds(0), kLongestWait);
  const std::string& device = event.key.device;
  if (!event.parent.empty() && event.parent != device && !offline_.IsBehind(device, event.parent)) {
    alert.wait = ParentWait::kForParent;
    alert.wait_until = now + alert.silent_for;
  }
  if (offline_.Add(device, event.parent, alert.id)) LookAgain(offline_.ChildrenOf(device));
}

void AlertBook::Resolve(BookedAlert& alert, WallTime now) {
  Count(alert.now, {});
  alert.now = {};
  alert.acknowledged.reset();
  alert.wait = ParentWait::kNone;
  NoteChange(alert, now);
  if (!IsOffline(alert)) return;
  const std::string device = alert.event.key.device;
  if (offline_.Remove(device, alert.event.parent, alert.id)) ReleaseChildren(device, now);
}

// The parent is back. Its children may need as long as they were given before.
void AlertBook::ReleaseChildren(const std::string& parent, WallTime now) {
  const auto children = offline_.ChildrenOf(parent);
  for (const std::string& id : children) {
    BookedAlert& child = alerts_.at(id);
    if (child.now == child.told) continue;
    child.wait = ParentWait::kAfterParent;
    child.wait_until = now + child.silent_for;
    Touch(child);
  }
  LookAgain(children);
}

void AlertBook::NoteChange(BookedAlert& alert, WallTime now) const {
  if (flap_.transitions == 0) return;
  std::erase_if(alert.changes, [&](WallTime change) { return change <= now - flap_.within; });
  alert.changes.push_back(now);
  if (alert.changes.size() > flap_.transitions) alert.changes.erase(alert.changes.begin());
  if (alert.damped_until || alert.changes.size() >= flap_.transitions) {
    alert.damped_until = now + flap_.hold;
  }
}

// Nothing is new, but operators are to be reminded.
void AlertBook::Repeat(const BookedAlert& alert) {
  const Suppression why = SuppressionOf(alert);
  if (why == Suppression::kNone) {
    if (changes_.notifications.size() < kMostNotifications) Notify(alert, AlertChange::kRepeated);
    return;
  }
  ++stats_.alert_notifications_suppressed[static_cast<std::size_t>(why)];
}

void AlertBook::Tick(WallTime now) {
  for (const std::uint64_t number : silences_.Forget(now)) changes_.silences.insert(number);
  if (silences_.Look(now)) look_at_all_ = true;
  const bool all = look_at_all_ && changes_.notifications.size() < kMostNotifications;
  if (all) look_at_all_ = false;
  for (auto next = alerts_.begin(); next != alerts_.end();) {
    BookedAlert& alert = (next++)->second;  // Settle() may remove it.
    const bool ended = Age(alert, now);
    if (ended) Touch(alert);
    if (ended || all) Settle(alert);
  }
}

bool AlertBook::Age(BookedAlert& alert, WallTime now) const {
  bool ended = false;
  if (alert.damped_until && now >= *alert.damped_until) {
    alert.damped_until.reset();
    alert.changes.clear();
    ended = true;
  }
  if (alert.wait != ParentWait::kNone && now >= alert.wait_until) {
    alert.wait = ParentWait::kNone;
    ended = true;
  }
  if (alert.acknowledged && alert.acknowledged->expires && now >= *alert.acknowledged->expires) {
    alert.acknowledged.reset();
    ended = true;
  }
  if (!alert.now.firing && !alert.damped_until && !alert.changes.empty() &&
      alert.changes.back() <= now - flap_.within) {
    alert.changes.clear();
    ended = true;
  }
  return ended;
}

void AlertBook::LookAgain(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (const auto found = alerts_.find(id); found != alerts_.end()) Settle(found->second);
  }
}

void AlertBook::LookAtAll() {
  for (auto next = alerts_.begin(); next != alerts_.end();) Settle((next++)->second);
}

Result<Silence> AlertBook::AddSilence(Silence silence, WallTime now) {
  auto added = silences_.Add(std::move(silence), now);
  if (!added) return added;
  changes_.silences.insert(added->number);
  if (silences_.Look(now)) LookAtAll();
  return added;
}

Result<Silence> AlertBook::ExpireSilence(std::uint64_t number, WallTime now) {
  auto expired = silences_.Expire(number, now);
  if (!expired) return expired;
  changes_.silences.insert(number);
  if (silences_.Look(now)) LookAtAll();
  return expired;
}

Result<std::vector<std::string>> AlertBook::FindFiring(const AlertTarget& target) const {
  std::vector<std::string> ids;
  for (auto it = alerts_.lower_bound(target.id); it != alerts_.end(); ++it) {
    if (!it->first.starts_with(target.id)) break;
    const AlertKey& key = it->second.event.key;
    if (!it->second.now.firing || (target.id.empty() && key.rule != target.rule)) continue;
    if (target.id.empty() && key.device != target.device) continue;
    ids.push_back(it->first);
  }
  const std::string what = target.id.empty()
                               ? "alert " + target.rule + " of device " + target.device
                               : "alert " + target.id;
  if (ids.empty()) return Error{Code::kNotFound, what + ": none fires"};
  if (!target.id.empty() && ids.size() > 1) {
    return Error{Code::kInvalidArgument, what + ": fits several: " + ids[0] + ", " + ids[1]};
  }
  return ids;
}

Result<std::vector<std::string>> AlertBook::Acknowledge(const AlertTarget& target,
                                                        const Acknowledgement& acknowledgement,
                                                        WallTime now) {
  auto ids = FindFiring(target);
  if (!ids) return ids;
  for (const std::string& id : *ids) {
    BookedAlert& alert = alerts_.at(id);
    alert.acknowledged = acknowledgement;
    alert.acknowledged->at = now;
    Touch(alert);
  }
  return ids;
}

Result<std::vector<std::string>> AlertBook::Unacknowledge(const AlertTarget& target) {
  auto ids = FindFiring(target);
  if (!ids) return ids;
  for (const std::string& id : *ids) {
    BookedAlert& alert = alerts_.at(id);
    alert.acknowledged.reset();
    Touch(alert);
  }
  return ids;
}

std::vector<std::string> AlertBook::AwaitedParents() const {
  std::set<std::string> parents;
  for (const auto& [id, alert] : alerts_) {
    if (alert.wait == ParentWait::kForParent) parents.insert(alert.event.parent);
  }
  return {parents.begin(), parents.end()};
}

void AlertBook::ParentHeard(const std::string& parent, std::optional<WallTime> last_seen) {
  for (const std::string& id : offline_.ChildrenOf(parent)) {
    BookedAlert& child = alerts_.at(id);
    if (child.wait != ParentWait::kForParent) continue;
    // Heard when the child was silent already for half of its time: the parent is there.
    if (last_seen && *last_seen <= child.fired - child.silent_for / 2) continue;
    child.wait = ParentWait::kNone;
    Touch(child);
    Settle(child);
  }
}

const BookedAlert* AlertBook::Find(const std::string& id) const {
  const auto found = alerts_.find(id);
  return found == alerts_.end() ? nullptr : &found->second;
}

void AlertBook::FindSuppressors(BookedAlert& alert) const {
  alert.silenced_by = silences_.Covering(alert.event);
  const std::string& device = alert.event.key.device;
  const bool behind =
      alert.now.firing && IsOffline(alert) && offline_.IsBehind(device, alert.event.parent);
  alert.inhibited_by = behind ? alert.event.parent : "";
  if (behind) alert.wait = ParentWait::kNone;  // What it waited for has come.
}

void AlertBook::Settle(BookedAlert& alert) {
  const auto silenced = alert.silenced_by;
  const std::string inhibited = alert.inhibited_by;
  const ParentWait wait = alert.wait;
  FindSuppressors(alert);
  if (silenced != alert.silenced_by || inhibited != alert.inhibited_by || wait != alert.wait) {
    Touch(alert);
  }
  if (alert.now != alert.told) {
    const Suppression why = SuppressionOf(alert);
    // An acknowledgement is about reminders, not about what is new.
    if (why == Suppression::kNone || why == Suppression::kAcknowledged) Tell(alert);
  }
  if (alert.now.firing || alert.told.firing || !alert.changes.empty()) return;
  changes_.alerts.insert(alert.id);
  alerts_.erase(std::string(alert.id));
}

void AlertBook::Tell(BookedAlert& alert) {
  if (changes_.notifications.size() >= kMostNotifications) {
    look_at_all_ = true;
    return;
  }
  AlertCondition& told = alert.told;
  const AlertCondition& now = alert.now;
  Touch(alert);
  if (!now.firing) {
    told = {};
    return Notify(alert, AlertChange::kResolved);
  }
  if (!told.firing) {
    told = {.firing = true, .severity = now.severity, .no_data = false};
    Notify(alert, AlertChange::kFired);
  }
  if (const Severity before = std::exchange(told.severity, now.severity); before != now.severity) {
    Notify(alert, before < now.severity ? AlertChange::kEscalated : AlertChange::kDeescalated);
  }
  if (std::exchange(told.no_data, now.no_data) != now.no_data) {
    Notify(alert, now.no_data ? AlertChange::kNoData : AlertChange::kDataBack);
  }
}

void AlertBook::Notify(const BookedAlert& alert, AlertChange change) {
  Notification& added = changes_.notifications.emplace_back();
  added.number = next_notification_++;
  added.event = alert.event;
  added.event.change = change;
  added.started = alert.started;
  ++stats_.alert_notifications;
}

void AlertBook::Touch(const BookedAlert& alert) {
  changes_.alerts.insert(alert.id);
  // That it is over is shown once.
  if (alert.now.firing) changes_.shown.insert_or_assign(alert.id, alert);
}

void AlertBook::Log(const BookedAlert& alert, const AlertEvent& event, WallTime now) {
  // With repeat_interval 0s there is one for each sample.
  if (event.change == AlertChange::kRepeated) return;
  if (changes_.log.size() >= kMostLogged) {
    changes_.log.erase(changes_.log.begin());
    ++stats_.alert_events_dropped;
  }
  changes_.log.push_back(
      {.at = now, .id = alert.id, .event = event, .suppressed = SuppressionOf(alert)});
}

void AlertBook::Count(const AlertCondition& before, const AlertCondition& after) const {
  if (before.firing) --stats_.alerts_firing[static_cast<std::size_t>(before.severity)];
  if (after.firing) ++stats_.alerts_firing[static_cast<std::size_t>(after.severity)];
}

void AlertBook::MarkSaved() {
  auto shown = std::exchange(changes_.shown, {});
  changes_ = {};
  changes_.shown = std::move(shown);
}

}  // namespace edgefeed
