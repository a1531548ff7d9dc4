#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/notify/receiver.h"
#include "collector/sqlite/sqlite.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/model/notification.h"

namespace edgefeed {

// What a notification is among those of its alert to one target.
enum class Step {
  kOpens,  // The target does not know of the alert.
  kChanges,
  kRepeats,
  kCloses,  // Afterwards it does not any more.
};

struct Backlog {
  std::uint64_t waiting = 0;
  std::uint64_t first = 0;  // The number of the first one; 0: none.
  WallTime oldest;          // When that was put.
};

// One that waits. Without a parcel: it cannot be read.
struct WaitingParcel {
  std::uint64_t number = 0;
  std::optional<Parcel> parcel;
};

// Who is still to be told what, and which alerts each target knows of: two tables of the alerts'
// database, see FORMAT.md. Changes are part of whatever transaction is open. On the alerts strand.
class NotificationOutbox {
 public:
  // `database` must outlive it.
  static Result<NotificationOutbox> Open(Database& database);

  struct Entry {
    std::string_view target;
    const Notification& notification;
    std::string_view fingerprint;
    Step step = Step::kOpens;
    WallTime put;
    const std::optional<Notification>& before;
  };
  // Also notes what the target knows of the alert then.
  Status Put(const Entry& entry);

  // What it knows of an alert: the last notification of it that was put.
  Result<std::optional<Notification>> Known(std::string_view target, std::string_view fingerprint);
  Result<std::uint64_t> CountKnown(std::string_view target);
  // Alerts that it knows of, in order of number: those after `after` and before `before`.
  struct Range {
    std::uint64_t after = 0;
    std::uint64_t before = 0;  // 0: no end.
    std::size_t limit = 0;
  };
  Result<std::vector<Notification>> Firing(std::string_view target, const Range& range);

  Result<Backlog> Waiting(std::string_view target);
  // In order of number.
  Result<std::vector<WaitingParcel>> Next(std::string_view target, std::uint64_t after,
                                          std::size_t limit);
  Status RemoveThrough(std::string_view target, std::uint64_t number);

  // All three leave alone what is not after `after`, and say how many they have removed.
  // The oldest repeats, at most `limit`.
  Result<std::uint64_t> DropRepeats(std::string_view target, std::uint64_t after,
                                    std::size_t limit);
  // All of the oldest alerts, at most `limit`, that have begun and ended while they waited.
  Result<std::uint64_t> DropEnded(std::string_view target, std::uint64_t after, std::size_t limit);
  // Changes of one alert.
  Result<std::uint64_t> DropChanges(std::string_view target, std::uint64_t after,
                                    std::string_view fingerprint);

  // Forgets all other targets; says how much waited for each.
  Result<std::map<std::string, std::uint64_t>> KeepOnly(const std::vector<std::string>& targets);

 private:
  explicit NotificationOutbox(Database& database) : database_(&database) {}
  Status Enqueue(const Entry& entry, const std::string& body);
  Status Know(const Entry& entry, const std::string& body);

  Database* database_;
};

}  // namespace edgefeed
