#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "collector/notify/notification_outbox.h"
#include "collector/notify/notify_config.h"
#include "collector/notify/parcel_sink.h"
#include "collector/ports.h"
#include "collector/sqlite/sqlite.h"
#include "collector/stats.h"
#include "common/base/result.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Why a notification does not go to a receiver; kNotificationDropNames has their names.
enum class NotificationDrop {
  kRepeat,         // The queue was full, and of its repeats this was the oldest.
  kSuperseded,     // The queue was full, and a later one said that it is over or different.
  kFull,           // The queue was full of alerts that still fire.
  kTooManyAlerts,  // The receiver knows of as many as it may.
  kUnreadable,     // Damaged on the disk.
};

struct NoticesLimits {
  std::size_t waiting = 10'000;  // For one target. Over it still go the last change and the end of
                                 // alerts that the target knows of.
  std::size_t known = 20'000;    // Alerts that fire, of one target.
  std::size_t batch = 16;        // On their way at once: what a crash may send twice.
  std::size_t reminders = 256;   // In one request.
};

// One address that notifications go to.
struct NoticeTarget {
  const ReceiverConfig& config;
  ReceiverStats& stats;  // With the target's name.
  ParcelSink& sink;
  bool reminded = false;  // It is told every minute what still fires.
};

// Keeps for each receiver what it is to be told until it has been, and hands it over in order. What
// a receiver is told first is a matter of its `match`; of an alert that it knows of it then hears
// everything. On the alerts strand, from construction to destruction.
class Notices final : public OperatorNotices {
 public:
  // Must outlive it. No transaction is open between tasks of the strand.
  struct Parts {
    Scheduler& strand;
    Database& database;
    NoticesLimits limits;
  };

  // `targets`: their parts must outlive it. What waits for others is forgotten.
  static Result<std::unique_ptr<Notices>> Open(Parts parts,
                                               const std::vector<NoticeTarget>& targets);

  Status Put(const Notification& notification) override;
  void Committed() override;

  // Hands over what has waited since the last run.
  void Start();
  // Writes down what has arrived. Nothing is handed over any more.
  void Stop();
  // Says how far the target of this number has come. In order.
  void Settled(std::size_t target, std::uint64_t number);
  void Reminded(std::size_t target, const Status& status);

 private:
  struct Target {
    NoticeTarget parts;
    std::uint64_t handed = 0;            // Numbers up to here are on their way, or have arrived.
    std::uint64_t settled = 0;           // Up to here they have arrived, or been given up,
    std::uint64_t removed = 0;           // and up to here that is written down.
    bool reminding = false;              // A reminder is on its way, up to
    std::uint64_t reminded_through = 0;  // here.
  };

  Notices(Parts parts, NotificationOutbox outbox, const std::vector<NoticeTarget>& targets);

  Status PutFor(Target& target, const Notification& notification, const std::string& fingerprint);
  Result<bool> MakeRoom(Target& target, Step step, const std::string& fingerprint);
  Result<bool> IsFull(const Target& target);
  Status DropSome(Target& target);
  Result<bool> MayKnowMore(Target& target);
  void HandOver(Target& target);
  Result<std::uint64_t> Give(Target& target);
  void WriteDownSoon(std::chrono::milliseconds delay);
  void WriteDown();
  Status RemoveSettled();
  void RemindAll();
  void Remind(Target& target, std::uint64_t after);
  void ShowAll();
  void Show(Target& target);
  void Failed(const Error& error);

  Parts parts_;
  NotificationOutbox outbox_;
  std::vector<Target> targets_;
  bool write_down_due_ = false;
  bool stopped_ = false;
  bool failing_ = false;  // Said once.
  Timer write_down_;
  Timer remind_;
  Timer show_;
};

}  // namespace edgefeed
