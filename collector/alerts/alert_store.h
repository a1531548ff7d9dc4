#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collector/alerts/alert_book.h"
#include "collector/alerts/booked_alert.h"
#include "collector/alerts/silence.h"
#include "collector/ports.h"
#include "collector/sqlite/sqlite.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace edgefeed {

// What rules remember, by device. Empty: nothing.
using RuleStates = std::unordered_map<std::string, std::string>;

// Where an answer about the log has come to: behind this entry.
struct AlertLogCursor {
  WallTime at = WallTime::max();
  std::int64_t number = 0;
};

struct AlertLogFilter {
  WallTime from;       // Included.
  WallTime to;         // Not included.
  std::string device;  // Empty: all.
  std::string rule;    // Empty: all.
};

struct AlertLogPage {
  std::vector<AlertLogEntry> entries;  // Newest first.
  AlertLogCursor last;
};

// data_dir/alerts.db; FORMAT.md has its tables. On one strand; calls wait for the disk.
class AlertStore {
 public:
  // What the log holds at most: entries, and for how long.
  static constexpr std::int64_t kMostLogged = 1'000'000;
  static constexpr std::chrono::hours kLoggedFor{90 * 24};

  // Reads all of it. A damaged file is set aside as alerts.db.damaged-N, with a word in the log,
  // and everything begins anew.
  static Result<std::unique_ptr<AlertStore>> Open(const std::filesystem::path& path);

  // As found at Open(), to be taken over.
  struct Found {
    std::optional<WallTime> alive;  // When the collector was last seen running.
    std::vector<DeviceRuleState> states;
    std::vector<BookedAlert> alerts;
    std::vector<Silence> silences;
    std::uint64_t next_notification = 1;
    std::uint64_t next_silence = 1;
  };
  Found& found() { return found_; }

  // In a transaction of the caller's, all of these.
  Status SaveStates(const RuleStates& states);
  Status SaveBook(const AlertBook& book);
  Status SaveAlive(WallTime now);

  // Newest first, at most `count`.
  Result<AlertLogPage> Log(const AlertLogFilter& filter, const AlertLogCursor& after,
                           std::size_t count) const;
  // Deletes some of what is too old or too much.
  Status TrimLog(WallTime now);

  // For what goes into the same transactions.
  Database& database() { return database_; }

 private:
  explicit AlertStore(Database database) : database_(std::move(database)) {}

  static Result<std::unique_ptr<AlertStore>> OpenWhole(const std::filesystem::path& path);
  Status Load();
  Status LoadBlobs();
  Status SaveNumber(const char* name, std::int64_t value);
  Status SaveAlerts(const AlertBook& book);
  Status SaveSilences(const AlertBook& book);
  Status AppendLog(const std::vector<AlertLogEntry>& entries);

  Database database_;
  Found found_;
};

}  // namespace edgefeed
