#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/alerts/booked_alert.h"
#include "collector/alerts/flap_config.h"
#include "collector/alerts/offline_devices.h"
#include "collector/alerts/silence.h"
#include "collector/alerts/silence_list.h"
#include "collector/stats.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/alert_event.h"
#include "common/model/notification.h"

namespace edgefeed {

// An event as it is kept.
struct AlertLogEntry {
  WallTime at;  // When the collector heard of it.
  std::string id;
  AlertEvent event;
  Suppression suppressed = Suppression::kNone;  // Why operators were not told of it then.
};

// What has changed in the book since it was last written down.
struct BookChanges {
  std::set<std::string> alerts;  // Also those that are gone.
  std::vector<AlertLogEntry> log;
  std::vector<Notification> notifications;
  std::set<std::uint64_t> silences;  // Also those that are gone.
  // What watchers are to be shown: as it is now, or was when it went.
  std::map<std::string, BookedAlert> shown;
};

// Which alerts: one by its id, or the first digits of it, or all of a rule on a device.
struct AlertTarget {
  std::string id;
  std::string device;
  std::string rule;
};

// What is known of alerts. Of each, what operators believe stands beside what is: whenever anything
// changes, and nothing speaks against it, they are told the difference. So whatever happened
// meanwhile, they are told the outcome, and never the same twice.
//
// Pure: gives what has to be written down, and is told the time. It holds what fires, which the
// rules and devices bound, and what has resolved within FlapConfig::within, or is not told yet.
class AlertBook {
 public:
  // Notifications that wait to be written down. At more, nothing is told until they are.
  static constexpr std::size_t kMostNotifications = 10'000;
  // The same of the log; at more, the oldest go, counted.
  static constexpr std::size_t kMostLogged = 100'000;

  AlertBook(const FlapConfig& flap, CollectorStats& stats) : flap_(flap), stats_(stats) {}

  // What was written down, before anything else. The first Tick() tells what is still to be told.
  void Restore(BookedAlert alert);
  void Restore(Silence silence) { silences_.Restore(std::move(silence)); }
  void RestoreNumbers(std::uint64_t next_notification, std::uint64_t next_silence);

  void Apply(const AlertEvent& event, WallTime now);
  // At least every second.
  void Tick(WallTime now);

  Result<Silence> AddSilence(Silence silence, WallTime now);
  Result<Silence> ExpireSilence(std::uint64_t number, WallTime now);

  // The alerts that it is about now. NOT_FOUND when none of these fires, INVALID_ARGUMENT when an
  // id fits several.
  Result<std::vector<std::string>> Acknowledge(const AlertTarget& target,
                                               const Acknowledgement& acknowledgement,
                                               WallTime now);
  Result<std::vector<std::string>> Unacknowledge(const AlertTarget& target);

  // Parents of which it matters when they were last heard.
  [[nodiscard]] std::vector<std::string> AwaitedParents() const;
  // Nothing: the parent was never heard.
  void ParentHeard(const std::string& parent, std::optional<WallTime> last_seen);

  // Null: there is none.
  [[nodiscard]] const BookedAlert* Find(const std::string& id) const;
  // By id. Not all of them fire.
  [[nodiscard]] const std::map<std::string, BookedAlert>& alerts() const { return alerts_; }
  [[nodiscard]] const SilenceList& silences() const { return silences_; }
  [[nodiscard]] std::uint64_t next_notification() const { return next_notification_; }

  [[nodiscard]] const BookChanges& changes() const { return changes_; }
  // They are written down, but for `shown`.
  void MarkSaved();
  std::map<std::string, BookedAlert> TakeShown() { return std::exchange(changes_.shown, {}); }

 private:
  using Alerts = std::map<std::string, BookedAlert>;

  void ApplyLate(const std::string& id, const AlertEvent& event, WallTime now);
  BookedAlert& Open(const std::string& id);
  void Fire(BookedAlert& alert, const AlertEvent& event, WallTime now);
  void Resolve(BookedAlert& alert, WallTime now);
  void NoteChange(BookedAlert& alert, WallTime now) const;
  void Repeat(const BookedAlert& alert);
  // Whether something has come to its end.
  bool Age(BookedAlert& alert, WallTime now) const;
  void LookAgain(const std::vector<std::string>& ids);
  void ReleaseChildren(const std::string& parent, WallTime now);
  void LookAtAll();

  // Tells what is to be told, and forgets the alert when nothing more can become of it.
  void Settle(BookedAlert& alert);
  void FindSuppressors(BookedAlert& alert) const;
  void Tell(BookedAlert& alert);
  void Notify(const BookedAlert& alert, AlertChange change);
  void Touch(const BookedAlert& alert);
  void Log(const BookedAlert& alert, const AlertEvent& event, WallTime now);
  void Count(const AlertCondition& before, const AlertCondition& after) const;
  Result<std::vector<std::string>> FindFiring(const AlertTarget& target) const;

  FlapConfig flap_;
  CollectorStats& stats_;
  Alerts alerts_;
  SilenceList silences_;
  OfflineDevices offline_;
  std::uint64_t next_notification_ = 1;
  bool look_at_all_ = true;  // At the next tick.
  BookChanges changes_;
};

}  // namespace edgefeed
