#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "collector/alerts/alert_book.h"
#include "collector/alerts/alert_store.h"
#include "collector/ports.h"
#include "collector/stats.h"
#include "common/base/result.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Is shown alerts. On the alerts strand.
class AlertWatcher {
 public:
  virtual ~AlertWatcher() = default;
  // As it is now. One that does not fire is over.
  virtual void Show(const BookedAlert& alert) = 0;
  // Nothing more will be shown.
  virtual void End(const Error& why) = 0;
};

// What the desk tells, and asks.
struct AlertContacts {
  OperatorNotices* notices = nullptr;  // Null: nobody is told.
  FleetReader* fleet = nullptr;        // Null: nothing is known of parents.
};

// Keeps the alert book, on the alerts strand: takes what rules say, from any engine strand, writes
// everything down in transactions, and then tells. While one transaction is under way, what comes
// meanwhile waits for the next one.
//
// A transaction that fails is tried again each second, with all that has come meanwhile; of each
// device only the newest state of its rules. What is refused is counted.
class AlertDesk final : public AlertRecorder, public AlertReader {
 public:
  // Records that wait for the strand. Further ones are refused: the disk is behind.
  static constexpr std::uint64_t kMostWaiting = 100'000;

  // All must outlive it. On the strand; takes over what the store has found.
  AlertDesk(Scheduler& strand, AlertStore& store, const FlapConfig& flap, CollectorStats& stats);
  // On the strand.
  ~AlertDesk() override;
  AlertDesk(const AlertDesk&) = delete;
  AlertDesk& operator=(const AlertDesk&) = delete;

  // Nothing is written or told before. The contacts must outlive it, or Stop().
  void Start(AlertContacts contacts);
  // Writes down what there is, and asks and tells nobody any more.
  void Stop();

  // From any thread.
  void Record(std::vector<AlertEvent> events, DeviceRuleState state) override;
  void ListFiring(std::size_t most, std::function<void(FiringAlerts)> answer) override;

  // All below on the strand. `done` comes when it is on stable storage, or could not get there.
  void AddSilence(Silence silence, std::function<void(Result<Silence>)> done);
  void ExpireSilence(std::uint64_t number, std::function<void(Result<Silence>)> done);
  using AlertIds = std::vector<std::string>;
  void Acknowledge(const AlertTarget& target, const Acknowledgement& acknowledgement,
                   std::function<void(Result<AlertIds>)> done);
  void Unacknowledge(const AlertTarget& target, std::function<void(Result<AlertIds>)> done);

  [[nodiscard]] const AlertBook& book() const { return book_; }
  [[nodiscard]] const AlertStore& store() const { return store_; }
  // Shows what changes from now on. It must outlive RemoveWatcher().
  void AddWatcher(AlertWatcher& watcher) { watchers_.insert(&watcher); }
  void RemoveWatcher(AlertWatcher& watcher) { watchers_.erase(&watcher); }
  void EndWatchers(const Error& why);

 private:
  // Once what was done is written down.
  using Waiter = std::function<void(const Status& saved)>;

  void Take(const std::vector<AlertEvent>& events, DeviceRuleState state);
  void FlushSoon();
  void Flush();
  Status Save();
  void Tick();
  void AskFor(const std::string& parent);
  void AnswerParent(const std::string& parent, const Result<DeviceSnapshot>& device);
  void ShowChanges();
  // Answers with the outcome: an error at once, what is done when it is written down.
  template <typename T>
  void Await(Result<T> outcome, std::function<void(Result<T>)> done);

  Scheduler& strand_;
  AlertStore& store_;
  CollectorStats& stats_;
  AlertBook book_;
  AlertContacts contacts_;
  bool started_ = false;
  std::atomic<std::uint64_t> waiting_{0};
  bool flush_posted_ = false;
  bool failing_ = false;  // The last transaction has.
  RuleStates states_;     // Not written down yet.
  std::vector<Waiter> waiters_;
  std::set<AlertWatcher*> watchers_;
  std::set<std::string> asked_;  // Parents, not answered yet.
  std::uint64_t ticks_ = 0;
  Timer tick_;
};

}  // namespace edgefeed
