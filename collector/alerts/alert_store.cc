#include "collector/alerts/alert_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "collector/alerts/alert_codec.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kFormat = 1;
// Deleted at once, so that nobody waits for long.
constexpr std::int64_t kTrimmedAtOnce = 2000;

constexpr const char* kTables = R"(
BEGIN;
CREATE TABLE number(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE device_state(device TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE alert(id TEXT PRIMARY KEY, alert BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE silence(number INTEGER PRIMARY KEY, silence BLOB NOT NULL);
CREATE TABLE log(number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL,
  id TEXT NOT NULL, device TEXT NOT NULL, rule TEXT NOT NULL, suppressed INTEGER NOT NULL,
  event BLOB NOT NULL);
CREATE INDEX log_at ON log(at_ms);
CREATE INDEX log_device ON log(device, at_ms);
PRAGMA user_version = 1;
COMMIT;
)";

std::int64_t Millis(WallTime time) { return time.time_since_epoch().count(); }
WallTime FromMillis(std::int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

// SQLite finds most damage only where it reads.
Status CheckWhole(const Database& database, const fs::path& path) {
  auto check = database.Prepare("PRAGMA quick_check(1)");
  if (!check) return check.error();
  const auto row = check->Step();
  if (!row) return row.error();
  if (*row && check->Bytes(0) == "ok") return {};
  return Error{Code::kDataLoss, path.string() + ": " + std::string(check->Bytes(0))};
}

// With what SQLite keeps beside it.
Status SetAside(const fs::path& path) {
  std::error_code error;
  std::string aside;
  for (int i = 1;; ++i) {
    aside = path.string() + ".damaged-" + std::to_string(i);
    if (!fs::exists(aside, error)) break;
  }
  fs::rename(path, aside, error);
  if (error) return ErrnoError(path.string(), error.value());
  for (const char* const suffix : {"-wal", "-shm"}) {
    fs::rename(path.string() + suffix, aside + suffix, error);  // It may not be there.
  }
  spdlog::error("set aside as {}: alerts, silences and acknowledgements begin anew", aside);
  return {};
}

}  // namespace

Result<std::unique_ptr<AlertStore>> AlertStore::Open(const fs::path& path) {
  auto store = OpenWhole(path);
  if (store || store.error().code != Code::kDataLoss) return store;
  spdlog::error("{}", store.error().message);
  if (Status aside = SetAside(path); !aside) return aside.error();
  return OpenWhole(path);
}

Result<std::unique_ptr<AlertStore>> AlertStore::OpenWhole(const fs::path& path) {
  auto database = Database::Open(path, Database::Mode::kReadWrite);
  if (!database) return database.error();
  if (Status whole = CheckWhole(*database, path); !whole) return whole.error();
  const auto tables = database->QueryInteger("SELECT count(*) FROM sqlite_master");
  if (!tables) return tables.error();
  if (*tables == 0) {
    if (const Status made = database->Run(kTables); !made) return made.error();
  }
  const auto format = database->QueryInteger("PRAGMA user_version");
  if (!format) return format.error();
  if (*format != kFormat) {
    return Error{Code::kFailedPrecondition, path.string() + ": format " + std::to_string(*format) +
                                                " is not known to this version"};
  }
  std::unique_ptr<AlertStore> store(new AlertStore(std::move(*database)));
  if (Status loaded = store->Load(); !loaded) return loaded.error().Wrap(path.string());
  return store;
}

Status AlertStore::Load() {
  Status read = ForEachRow(database_, "SELECT name, value FROM number", [&](const Statement& row) {
    const std::string_view name = row.Bytes(0);
    const std::int64_t value = row.Integer(1);
    if (name == "alive_ms") found_.alive = FromMillis(value);
    if (name == "next_notification") found_.next_notification = static_cast<std::uint64_t>(value);
    if (name == "next_silence") found_.next_silence = static_cast<std::uint64_t>(value);
  });
  if (!read) return read;
  read = ForEachRow(database_, "SELECT device, state FROM device_state", [&](const Statement& row) {
    found_.states.push_back(
        {.device = std::string(row.Bytes(0)), .bytes = std::string(row.Bytes(1))});
  });
  return read ? LoadBlobs() : read;
}

Status AlertStore::LoadBlobs() {
  Status decoded;
  const auto keep = [&decoded](auto result, auto& list) {
    if (result) {
      list.push_back(*std::move(result));
    } else {
      decoded = result.error();
    }
  };
  Status read = ForEachRow(database_, "SELECT alert FROM alert", [&](const Statement& row) {
    keep(DecodeAlert(row.Bytes(0)), found_.alerts);
  });
  if (!read || !decoded) return read ? decoded : read;
  read = ForEachRow(database_, "SELECT silence FROM silence", [&](const Statement& row) {
    keep(DecodeSilence(row.Bytes(0)), found_.silences);
  });
  return read ? decoded : read;
}

Status AlertStore::SaveNumber(const char* name, std::int64_t value) {
  auto insert = database_.Prepare("INSERT OR REPLACE INTO number VALUES(?, ?)");
  if (!insert) return insert.error();
  return insert->BindText(1, name).Bind(2, value).Run();
}

Status AlertStore::SaveAlive(WallTime now) { return SaveNumber("alive_ms", Millis(now)); }

Status AlertStore::SaveStates(const RuleStates& states) {
  auto insert = database_.Prepare("INSERT OR REPLACE INTO device_state VALUES(?, ?)");
  if (!insert) return insert.error();
  auto remove = database_.Prepare("DELETE FROM device_state WHERE device = ?");
  if (!remove) return remove.error();
  for (const auto& [device, bytes] : states) {
    Status saved = bytes.empty() ? remove->BindText(1, device).Run()
                                 : insert->BindText(1, device).BindBlob(2, bytes).Run();
    if (!saved) return saved;
  }
  return {};
}

Status AlertStore::SaveBook(const AlertBook& book) {
  if (Status saved = SaveAlerts(book); !saved) return saved;
  if (Status saved = SaveSilences(book); !saved) return saved;
  if (Status saved = AppendLog(book.changes().log); !saved) return saved;
  if (book.changes().notifications.empty()) return {};
  return SaveNumber("next_notification", static_cast<std::int64_t>(book.next_notification()));
}

Status AlertStore::SaveAlerts(const AlertBook& book) {
  auto insert = database_.Prepare("INSERT OR REPLACE INTO alert VALUES(?, ?)");
  if (!insert) return insert.error();
  auto remove = database_.Prepare("DELETE FROM alert WHERE id = ?");
  if (!remove) return remove.error();
  for (const std::string& id : book.changes().alerts) {
    const BookedAlert* alert = book.Find(id);
    const std::string bytes = alert == nullptr ? "" : EncodeAlert(*alert);
    Status saved = alert == nullptr ? remove->BindText(1, id).Run()
                                    : insert->BindText(1, id).BindBlob(2, bytes).Run();
    if (!saved) return saved;
  }
  return {};
}

Status AlertStore::SaveSilences(const AlertBook& book) {
  if (book.changes().silences.empty()) return {};
  auto insert = database_.Prepare("INSERT OR REPLACE INTO silence VALUES(?, ?)");
  if (!insert) return insert.error();
  auto remove = database_.Prepare("DELETE FROM silence WHERE number = ?");
  if (!remove) return remove.error();
  for (const std::uint64_t number : book.changes().silences) {
    const Silence* silence = book.silences().Find(number);
    const std::string bytes = silence == nullptr ? "" : EncodeSilence(*silence);
    const auto key = static_cast<std::int64_t>(number);
    Status saved = silence == nullptr ? remove->Bind(1, key).Run()
                                      : insert->Bind(1, key).BindBlob(2, bytes).Run();
    if (!saved) return saved;
  }
  return SaveNumber("next_silence", static_cast<std::int64_t>(book.silences().next()));
}

Status AlertStore::AppendLog(const std::vector<AlertLogEntry>& entries) {
  auto insert = database_.Prepare(
      "INSERT INTO log(at_ms, id, device, rule, suppressed, event) VALUES(?, ?, ?, ?, ?, ?)");
  if (!insert) return insert.error();
  for (const AlertLogEntry& entry : entries) {
    const std::string event = EncodeEvent(entry.event);
    insert->Bind(1, Millis(entry.at)).BindText(2, entry.id).BindText(3, entry.event.key.device);
    insert->BindText(4, entry.event.key.rule).Bind(5, static_cast<std::int64_t>(entry.suppressed));
    if (Status added = insert->BindBlob(6, event).Run(); !added) return added;
  }
  return {};
}

Result<AlertLogPage> AlertStore::Log(const AlertLogFilter& filter, const AlertLogCursor& after,
                                     std::size_t count) const {
  auto select = database_.Prepare(
      std::string("SELECT at_ms, number, id, suppressed, event FROM log WHERE at_ms >= ?1 AND "
                  "(at_ms, number) < (?2, ?3) AND (?5 = '' OR rule = ?5)") +
      (filter.device.empty() ? " AND ?4 = ''" : " AND device = ?4") +
      " ORDER BY at_ms DESC, number DESC LIMIT ?6");
  if (!select) return select.error();
  // Nothing of its own time is behind the cursor of a beginning.
  const AlertLogCursor from = std::min(
      after, {.at = filter.to, .number = 0}, [](const AlertLogCursor& a, const AlertLogCursor& b) {
        return std::pair(a.at, a.number) < std::pair(b.at, b.number);
      });
  select->Bind(1, Millis(filter.from)).Bind(2, Millis(from.at)).Bind(3, from.number);
  select->BindText(4, filter.device).BindText(5, filter.rule);
  select->Bind(6, static_cast<std::int64_t>(count));
  AlertLogPage page;
  Status decoded;
  const Status read = ForEachRow(*select, [&](const Statement& row) {
    auto event = DecodeEvent(row.Bytes(4));
    if (!event) {
      decoded = event.error();
      return;
    }
    page.last = {.at = FromMillis(row.Integer(0)), .number = row.Integer(1)};
    const auto suppressed = static_cast<std::uint64_t>(row.Integer(3));
    page.entries.push_back({.at = page.last.at,
                            .id = std::string(row.Bytes(2)),
                            .event = std::move(*event),
                            .suppressed = suppressed < kSuppressionNames.size()
                                              ? static_cast<Suppression>(suppressed)
                                              : Suppression::kNone});
  });
  if (!read) return read.error();
  if (!decoded) return decoded.error();
  return page;
}

Status AlertStore::TrimLog(WallTime now) {
  auto too_old = database_.Prepare(
      "DELETE FROM log WHERE number IN (SELECT number FROM log WHERE at_ms < ? LIMIT ?)");
  if (!too_old) return too_old.error();
  Status trimmed = too_old->Bind(1, Millis(now - kLoggedFor)).Bind(2, kTrimmedAtOnce).Run();
  if (!trimmed) return trimmed;
  auto too_many = database_.Prepare(
      "DELETE FROM log WHERE number IN (SELECT number FROM log WHERE number <= "
      "(SELECT max(number) FROM log) - ? ORDER BY number LIMIT ?)");
  if (!too_many) return too_many.error();
  return too_many->Bind(1, kMostLogged).Bind(2, kTrimmedAtOnce).Run();
}

}  // namespace edgefeed
