#include "collector/alerts/alert_desk.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace edgefeed {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr auto kTick = 1s;
constexpr std::uint64_t kTicksPerTrim = 60;

}  // namespace

AlertDesk::AlertDesk(Scheduler& strand, AlertStore& store, const FlapConfig& flap,
                     CollectorStats& stats)
    : strand_(strand), store_(store), stats_(stats), book_(flap, stats) {
  AlertStore::Found& found = store_.found();
  book_.RestoreNumbers(found.next_notification, found.next_silence);
  for (BookedAlert& alert : std::exchange(found.alerts, {})) book_.Restore(std::move(alert));
  for (Silence& silence : std::exchange(found.silences, {})) book_.Restore(std::move(silence));
  book_.Tick(strand_.WallNow());
}

AlertDesk::~AlertDesk() = default;

void AlertDesk::Start(AlertContacts contacts) {
  contacts_ = contacts;
  started_ = true;
  Tick();
}

void AlertDesk::Stop() {
  tick_.Cancel();
  contacts_.fleet = nullptr;
  if (started_) Flush();
  started_ = false;
  contacts_ = {};
}

void AlertDesk::Record(std::vector<AlertEvent> events, DeviceRuleState state) {
  if (waiting_.fetch_add(1) >= kMostWaiting) {
    --waiting_;
    stats_.alert_events_dropped += events.size();
    return;
  }
  ++stats_.alert_records_waiting;
  strand_.Post([this, events = std::move(events), state = std::move(state)]() mutable {
    --waiting_;
    --stats_.alert_records_waiting;
    Take(events, std::move(state));
  });
}

void AlertDesk::Take(const std::vector<AlertEvent>& events, DeviceRuleState state) {
  const WallTime now = strand_.WallNow();
  for (const AlertEvent& event : events) {
    book_.Apply(event, now);
    if (event.kind == AlertKind::kOffline && event.change == AlertChange::kFired) {
      AskFor(event.parent);
    }
  }
  if (!state.device.empty()) states_.insert_or_assign(state.device, std::move(state.bytes));
  FlushSoon();
}

// After what has been posted by now.
void AlertDesk::FlushSoon() {
  if (!started_ || std::exchange(flush_posted_, true)) return;
  strand_.Post([this] {
    flush_posted_ = false;
    // A disk that takes nothing is asked once a second.
    if (started_ && !failing_) Flush();
  });
}

void AlertDesk::Flush() {
  const Status saved = Save();
  if (saved) {
    ++stats_.alert_commits;
    if (std::exchange(failing_, false)) spdlog::info("alerts can be written down again");
    states_.clear();
    book_.MarkSaved();
    if (contacts_.notices != nullptr) contacts_.notices->Committed();
  } else {
    ++stats_.alert_commit_errors;
    if (!std::exchange(failing_, true)) {
      spdlog::error("alerts cannot be written down, and nobody is told of them: {}",
                    saved.error().message);
    }
  }
  for (const Waiter& waiter : std::exchange(waiters_, {})) waiter(saved);
  ShowChanges();
}

Status AlertDesk::Save() {
  auto transaction = Transaction::Begin(store_.database());
  if (!transaction) return transaction.error();
  if (Status saved = store_.SaveAlive(strand_.WallNow()); !saved) return saved;
  if (Status saved = store_.SaveStates(states_); !saved) return saved;
  if (Status saved = store_.SaveBook(book_); !saved) return saved;
  if (contacts_.notices != nullptr) {
    for (const Notification& notification : book_.changes().notifications) {
      if (Status put = contacts_.notices->Put(notification); !put) return put;
    }
  }
  if (ticks_ % kTicksPerTrim == 1) {
    if (Status trimmed = store_.TrimLog(strand_.WallNow()); !trimmed) return trimmed;
  }
  return transaction->Commit();
}

void AlertDesk::Tick() {
  ++ticks_;
  book_.Tick(strand_.WallNow());
  for (const std::string& parent : book_.AwaitedParents()) AskFor(parent);
  Flush();
  tick_ = strand_.RunAfter(kTick, [this] { Tick(); });
}

void AlertDesk::AskFor(const std::string& parent) {
  if (contacts_.fleet == nullptr || parent.empty() || !asked_.insert(parent).second) return;
  contacts_.fleet->Get(parent, Detail::kHeadline,
                       [this, parent](const Result<DeviceSnapshot>& device) {
                         strand_.Post([this, parent, device] { AnswerParent(parent, device); });
                       });
}

void AlertDesk::AnswerParent(const std::string& parent, const Result<DeviceSnapshot>& device) {
  asked_.erase(parent);
  if (device) {
    book_.ParentHeard(parent, device->last_seen);
  } else if (device.error().code == Code::kNotFound) {
    book_.ParentHeard(parent, std::nullopt);
  }
  FlushSoon();
}

void AlertDesk::ShowChanges() {
  const auto shown = book_.TakeShown();
  for (const auto& [id, alert] : shown) {
    const auto watchers = watchers_;  // One may go while it is shown something.
    for (AlertWatcher* watcher : watchers) watcher->Show(alert);
  }
}

void AlertDesk::EndWatchers(const Error& why) {
  for (AlertWatcher* watcher : std::exchange(watchers_, {})) watcher->End(why);
}

void AlertDesk::ListFiring(std::size_t most, std::function<void(FiringAlerts)> answer) {
  strand_.Post([this, most, answer = std::move(answer)] {
    FiringAlerts firing;
    for (const auto& [id, alert] : book_.alerts()) {
      if (!alert.now.firing) continue;
      if (firing.alerts.size() == most) {
        ++firing.omitted;
        continue;
      }
      firing.alerts.push_back({.rule = alert.event.key.rule,
                               .device = alert.event.key.device,
                               .labels = alert.event.key.series.labels,
                               .severity = alert.now.severity,
                               .no_data = alert.now.no_data});
    }
    answer(std::move(firing));
  });
}

template <typename T>
void AlertDesk::Await(Result<T> outcome, std::function<void(Result<T>)> done) {
  if (!outcome) return done(std::move(outcome));
  if (!started_) return done(Error{Code::kUnavailable, "the collector is starting or stopping"});
  waiters_.push_back([outcome = std::move(outcome), done = std::move(done)](const Status& saved) {
    done(saved ? outcome : Result<T>(saved.error().Wrap("not on disk yet, but in force")));
  });
  // Also when the disk fails: whoever asked waits for an answer.
  strand_.Post([this] {
    if (started_ && !waiters_.empty()) Flush();
  });
}

void AlertDesk::AddSilence(Silence silence, std::function<void(Result<Silence>)> done) {
  Await(book_.AddSilence(std::move(silence), strand_.WallNow()), std::move(done));
}

void AlertDesk::ExpireSilence(std::uint64_t number, std::function<void(Result<Silence>)> done) {
  Await(book_.ExpireSilence(number, strand_.WallNow()), std::move(done));
}

void AlertDesk::Acknowledge(const AlertTarget& target, const Acknowledgement& acknowledgement,
                            std::function<void(Result<AlertIds>)> done) {
  Await(book_.Acknowledge(target, acknowledgement, strand_.WallNow()), std::move(done));
}

void AlertDesk::Unacknowledge(const AlertTarget& target,
                              std::function<void(Result<AlertIds>)> done) {
  Await(book_.Unacknowledge(target), std::move(done));
}

}  // namespace edgefeed
