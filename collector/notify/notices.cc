#include "collector/notify/notices.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "collector/notify/alert_words.h"
#include "collector/notify/alertmanager_receiver.h"
#include "collector/notify/route.h"
#include "common/digest/alert_id.h"

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

// That something has arrived is written down with what arrives soon after: each time costs a wait
// for the disk. What a crash takes of it is sent again.
constexpr auto kWriteDownAfter = 200ms;
constexpr auto kTryAgainAfter = 5s;
constexpr auto kShowEvery = 10s;
// When there is no room, so many are dropped at once.
constexpr std::size_t kDropAtOnce = 100;

void Count(ReceiverStats& stats, NotificationDrop why, std::uint64_t count = 1) {
  stats.dropped[static_cast<std::size_t>(why)] += count;
}

Step StepOf(const AlertEvent& event, bool is_known) {
  if (event.change == AlertChange::kResolved) return Step::kCloses;
  if (!is_known) return Step::kOpens;
  return event.change == AlertChange::kRepeated ? Step::kRepeats : Step::kChanges;
}

// What was known, if it was another alert in the eyes of who goes by severity and labels.
std::optional<Notification> BeforeOf(const std::optional<Notification>& known,
                                     const AlertEvent& event) {
  if (!known || known->event.key.device.empty()) return std::nullopt;
  const bool same =
      known->event.severity == event.severity && known->event.device_labels == event.device_labels;
  return same ? std::nullopt : known;
}

}  // namespace

Result<std::unique_ptr<Notices>> Notices::Open(Parts parts,
                                               const std::vector<NoticeTarget>& targets) {
  auto outbox = NotificationOutbox::Open(parts.database);
  if (!outbox) return outbox.error();
  std::vector<std::string> names;
  names.reserve(targets.size());
  for (const NoticeTarget& target : targets) names.push_back(target.stats.name);
  const auto forgotten = outbox->KeepOnly(names);
  if (!forgotten) return forgotten.error();
  for (const auto& [name, waiting] : *forgotten) {
    spdlog::warn("receiver {} is not configured any more: {} notifications for it are dropped",
                 name, waiting);
  }
  return std::unique_ptr<Notices>(new Notices(parts, *outbox, targets));
}

Notices::Notices(Parts parts, NotificationOutbox outbox, const std::vector<NoticeTarget>& targets)
    : parts_(parts), outbox_(outbox) {
  for (const NoticeTarget& target : targets) targets_.push_back({.parts = target});
}

void Notices::Start() {
  for (Target& target : targets_) HandOver(target);
  RemindAll();
  ShowAll();
}

void Notices::Stop() {
  stopped_ = true;
  remind_.Cancel();
  show_.Cancel();
  write_down_.Cancel();
  if (const Status removed = RemoveSettled(); !removed) Failed(removed.error());
}

Status Notices::Put(const Notification& notification) {
  const std::string fingerprint = AlertId(notification.event.key);
  for (Target& target : targets_) {
    if (Status put = PutFor(target, notification, fingerprint); !put) return put;
  }
  return {};
}

Status Notices::PutFor(Target& target, const Notification& notification,
                       const std::string& fingerprint) {
  const std::string& name = target.parts.stats.name;
  const AlertEvent& event = notification.event;
  const auto known = outbox_.Known(name, fingerprint);
  if (!known) return known.error();
  // What is late was so once: it begins nothing that would end.
  const Step step = event.late ? Step::kRepeats : StepOf(event, known->has_value());
  if (step == Step::kCloses && !*known) return {};
  if (step == Step::kRepeats && !event.late && !target.parts.config.repeats) return {};
  if ((step == Step::kOpens || event.late) && !Matches(target.parts.config.match, event)) return {};
  const auto has_room = MakeRoom(target, step, fingerprint);
  if (!has_room) return has_room.error();
  if (!*has_room) return {};
  return outbox_.Put({.target = name,
                      .notification = notification,
                      .fingerprint = fingerprint,
                      .step = step,
                      .put = parts_.strand.WallNow(),
                      .before = BeforeOf(*known, event)});
}

Result<bool> Notices::IsFull(const Target& target) {
  const auto backlog = outbox_.Waiting(target.parts.stats.name);
  if (!backlog) return backlog.error();
  return backlog->waiting >= parts_.limits.waiting;
}

// False: it is dropped, and counted.
Result<bool> Notices::MakeRoom(Target& target, Step step, const std::string& fingerprint) {
  if (step == Step::kOpens) {
    auto may = MayKnowMore(target);
    if (!may || !*may) return may;
  }
  auto is_full = IsFull(target);
  if (!is_full) return is_full.error();
  if (!*is_full) return true;
  if (const Status dropped = DropSome(target); !dropped) return dropped.error();
  is_full = IsFull(target);
  if (!is_full) return is_full.error();
  if (!*is_full) return true;
  if (step == Step::kOpens || step == Step::kRepeats) {
    Count(target.parts.stats,
          step == Step::kOpens ? NotificationDrop::kFull : NotificationDrop::kRepeat);
    return false;
  }
  const auto older = outbox_.DropChanges(target.parts.stats.name, target.handed, fingerprint);
  if (!older) return older.error();
  Count(target.parts.stats, NotificationDrop::kSuperseded, *older);
  return true;
}

Result<bool> Notices::MayKnowMore(Target& target) {
  const auto known = outbox_.CountKnown(target.parts.stats.name);
  if (!known) return known.error();
  if (*known < parts_.limits.known) return true;
  Count(target.parts.stats, NotificationDrop::kTooManyAlerts);
  return false;
}

Status Notices::DropSome(Target& target) {
  ReceiverStats& stats = target.parts.stats;
  const auto repeats = outbox_.DropRepeats(stats.name, target.handed, kDropAtOnce);
  if (!repeats) return repeats.error();
  Count(stats, NotificationDrop::kRepeat, *repeats);
  if (*repeats > 0) return {};
  const auto ended = outbox_.DropEnded(stats.name, target.handed, kDropAtOnce);
  if (!ended) return ended.error();
  Count(stats, NotificationDrop::kSuperseded, *ended);
  return {};
}

void Notices::Committed() {
  for (Target& target : targets_) HandOver(target);
}

void Notices::HandOver(Target& target) {
  if (stopped_ || target.settled != target.handed) return;  // They come first.
  while (true) {
    const std::uint64_t before = target.handed;
    const auto given = Give(target);
    if (!given) return Failed(given.error());
    if (*given > 0 || target.handed == before) return;
  }
}

// How many are on their way now. None, although `handed` has moved: none of those can be read.
Result<std::uint64_t> Notices::Give(Target& target) {
  ReceiverStats& stats = target.parts.stats;
  auto next = outbox_.Next(stats.name, target.handed, parts_.limits.batch);
  if (!next) return next.error();
  if (next->empty()) return std::uint64_t{0};
  std::vector<Parcel> parcels;
  for (WaitingParcel& waiting : *next) {
    if (waiting.parcel) {
      parcels.push_back(*std::move(waiting.parcel));
      target.handed = waiting.number;
    } else if (parcels.empty()) {
      Count(stats, NotificationDrop::kUnreadable);
      target.handed = target.settled = waiting.number;
      WriteDownSoon(kWriteDownAfter);
    } else {
      break;  // When it is its turn.
    }
  }
  if (parcels.empty()) return std::uint64_t{0};
  const std::uint64_t count = parcels.size();
  target.parts.sink.Deliver(std::move(parcels));
  return count;
}

void Notices::Settled(std::size_t number_of_target, std::uint64_t number) {
  Target& target = targets_[number_of_target];
  target.settled = number;
  WriteDownSoon(kWriteDownAfter);
  HandOver(target);
}

void Notices::WriteDownSoon(std::chrono::milliseconds delay) {
  if (stopped_ || std::exchange(write_down_due_, true)) return;
  write_down_ = parts_.strand.RunAfter(delay, [this] { WriteDown(); });
}

void Notices::WriteDown() {
  write_down_due_ = false;
  if (const Status removed = RemoveSettled(); !removed) {
    Failed(removed.error());
    return WriteDownSoon(kTryAgainAfter);
  }
  failing_ = false;
  for (Target& target : targets_) {
    target.removed = target.settled;
    HandOver(target);  // Reading may have failed before.
    Show(target);
  }
}

Status Notices::RemoveSettled() {
  auto transaction = Transaction::Begin(parts_.database);
  if (!transaction) return transaction.error();
  for (const Target& target : targets_) {
    if (target.removed == target.settled) continue;
    Status removed = outbox_.RemoveThrough(target.parts.stats.name, target.settled);
    if (!removed) return removed;
  }
  return transaction->Commit();
}

void Notices::RemindAll() {
  for (Target& target : targets_) {
    if (target.parts.reminded && !target.reminding) Remind(target, 0);
  }
  remind_ = parts_.strand.RunAfter(kReminderEvery, [this] { RemindAll(); });
}

// What waits itself is not said before its turn.
void Notices::Remind(Target& target, std::uint64_t after) {
  target.reminding = false;
  const std::string& name = target.parts.stats.name;
  const auto backlog = outbox_.Waiting(name);
  if (!backlog) return Failed(backlog.error());
  auto firing = outbox_.Firing(
      name, {.after = after, .before = backlog->first, .limit = parts_.limits.reminders});
  if (!firing) return Failed(firing.error());
  if (firing->empty()) return;
  target.reminding = true;
  target.reminded_through = firing->back().number;
  target.parts.sink.Remind(*std::move(firing));
}

void Notices::Reminded(std::size_t number_of_target, const Status& status) {
  Target& target = targets_[number_of_target];
  target.reminding = false;
  if (status && !stopped_) Remind(target, target.reminded_through);
}

void Notices::ShowAll() {
  for (Target& target : targets_) Show(target);
  show_ = parts_.strand.RunAfter(kShowEvery, [this] { ShowAll(); });
}

void Notices::Show(Target& target) {
  const auto backlog = outbox_.Waiting(target.parts.stats.name);
  if (!backlog) return Failed(backlog.error());
  const auto age = backlog->waiting == 0 ? 0ms : parts_.strand.WallNow() - backlog->oldest;
  target.parts.stats.waiting = backlog->waiting;
  target.parts.stats.oldest_waiting_seconds = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(age).count()));
}

void Notices::Failed(const Error& error) {
  if (std::exchange(failing_, true)) return;
  spdlog::error("notifications: {}", error.message);
}

}  // namespace edgefeed
