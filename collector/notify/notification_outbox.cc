#include "collector/notify/notification_outbox.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "collector/notify/notification_codec.h"

namespace edgefeed {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS notify_waiting(target TEXT NOT NULL, number INTEGER NOT NULL,
  fingerprint TEXT NOT NULL, step INTEGER NOT NULL, put_ms INTEGER NOT NULL, body BLOB NOT NULL,
  before BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS notify_waiting_order ON notify_waiting(target, number);
CREATE INDEX IF NOT EXISTS notify_waiting_alert ON
  notify_waiting(target, fingerprint, step, number);
CREATE INDEX IF NOT EXISTS notify_waiting_step ON notify_waiting(target, step, number);
CREATE TABLE IF NOT EXISTS notify_known(target TEXT NOT NULL, fingerprint TEXT NOT NULL,
  number INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS notify_known_alert ON notify_known(target, fingerprint);
CREATE INDEX IF NOT EXISTS notify_known_order ON notify_known(target, number);
)";

// SQLite has only signed numbers.
std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t Unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }
std::int64_t Number(Step step) { return static_cast<std::int64_t>(step); }

// The answer's only number.
Result<std::uint64_t> One(Statement& select) {
  const auto row = select.Step();
  if (!row) return row.error();
  const std::uint64_t value = *row ? Unsigned(select.Integer(0)) : 0;
  select.Reset();
  return value;
}

// Nothing when any of it is damaged.
std::optional<Parcel> ReadParcel(std::string_view body, std::string_view before) {
  auto notification = DecodeNotification(body);
  if (!notification) return std::nullopt;
  Parcel parcel{.notification = *std::move(notification), .before = {}};
  if (before.empty()) return parcel;
  auto earlier = DecodeNotification(before);
  if (!earlier) return std::nullopt;
  parcel.before = *std::move(earlier);
  return parcel;
}

struct Ended {
  std::string fingerprint;
  std::int64_t opens = 0;
  std::int64_t closes = 0;
};

}  // namespace

Result<NotificationOutbox> NotificationOutbox::Open(Database& database) {
  if (const Status made = database.Run(kTables); !made) return made.error();
  return NotificationOutbox(database);
}

Status NotificationOutbox::Put(const Entry& entry) {
  const std::string body = EncodeNotification(entry.notification);
  if (Status put = Enqueue(entry, body); !put) return put;
  return entry.notification.event.late ? Status() : Know(entry, body);
}

Status NotificationOutbox::Enqueue(const Entry& entry, const std::string& body) {
  auto insert = database_->Prepare(
      "INSERT OR IGNORE INTO notify_waiting(target, number, fingerprint, step, put_ms, body, "
      "before) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  if (!insert) return insert.error();
  const std::string before = entry.before ? EncodeNotification(*entry.before) : std::string();
  insert->BindText(1, entry.target).Bind(2, Signed(entry.notification.number));
  insert->BindText(3, entry.fingerprint).Bind(4, Number(entry.step));
  insert->Bind(5, entry.put.time_since_epoch().count()).BindBlob(6, body).BindBlob(7, before);
  return insert->Run();
}

Status NotificationOutbox::Know(const Entry& entry, const std::string& body) {
  auto change = database_->Prepare(
      entry.step == Step::kCloses
          ? "DELETE FROM notify_known WHERE target = ?1 AND fingerprint = ?2"
          : "INSERT OR REPLACE INTO notify_known(target, fingerprint, number, body) "
            "VALUES(?1, ?2, ?3, ?4)");
  if (!change) return change.error();
  change->BindText(1, entry.target).BindText(2, entry.fingerprint);
  if (entry.step != Step::kCloses) {
    change->Bind(3, Signed(entry.notification.number)).BindBlob(4, body);
  }
  return change->Run();
}

Result<std::optional<Notification>> NotificationOutbox::Known(std::string_view target,
                                                              std::string_view fingerprint) {
  auto select = database_->Prepare(
      "SELECT number, body FROM notify_known WHERE target = ?1 AND fingerprint = ?2");
  if (!select) return select.error();
  select->BindText(1, target).BindText(2, fingerprint);
  const auto row = select->Step();
  if (!row) return row.error();
  if (!*row) return std::optional<Notification>();
  auto notification = DecodeNotification(select->Bytes(1));
  // That it knows of the alert is certain, even though not what.
  if (!notification)
    return std::optional(
        Notification{.number = Unsigned(select->Integer(0)), .event = {}, .started = {}});
  return std::optional(*std::move(notification));
}

Result<std::uint64_t> NotificationOutbox::CountKnown(std::string_view target) {
  auto select = database_->Prepare("SELECT count(*) FROM notify_known WHERE target = ?1");
  if (!select) return select.error();
  select->BindText(1, target);
  return One(*select);
}

Result<std::vector<Notification>> NotificationOutbox::Firing(std::string_view target,
                                                             const Range& range) {
  auto select = database_->Prepare(
      "SELECT body FROM notify_known WHERE target = ?1 AND number > ?2 AND number < ?3 "
      "ORDER BY number LIMIT ?4");
  if (!select) return select.error();
  const std::int64_t before =
      range.before == 0 ? std::numeric_limits<std::int64_t>::max() : Signed(range.before);
  select->BindText(1, target).Bind(2, Signed(range.after)).Bind(3, before);
  select->Bind(4, static_cast<std::int64_t>(range.limit));
  std::vector<Notification> firing;
  const Status read = ForEachRow(*select, [&](const Statement& row) {
    if (auto notification = DecodeNotification(row.Bytes(0))) {
      firing.push_back(*std::move(notification));
    }
  });
  if (!read) return read.error();
  return firing;
}

Result<Backlog> NotificationOutbox::Waiting(std::string_view target) {
  auto count = database_->Prepare("SELECT count(*) FROM notify_waiting WHERE target = ?1");
  if (!count) return count.error();
  count->BindText(1, target);
  const auto waiting = One(*count);
  if (!waiting) return waiting.error();
  auto first = database_->Prepare(
      "SELECT number, put_ms FROM notify_waiting WHERE target = ?1 ORDER BY number LIMIT 1");
  if (!first) return first.error();
  first->BindText(1, target);
  const auto row = first->Step();
  if (!row) return row.error();
  if (!*row) return Backlog{};
  return Backlog{.waiting = *waiting,
                 .first = Unsigned(first->Integer(0)),
                 .oldest = WallTime(std::chrono::milliseconds(first->Integer(1)))};
}

Result<std::vector<WaitingParcel>> NotificationOutbox::Next(std::string_view target,
                                                            std::uint64_t after,
                                                            std::size_t limit) {
  auto select = database_->Prepare(
      "SELECT number, body, before FROM notify_waiting WHERE target = ?1 AND number > ?2 "
      "ORDER BY number LIMIT ?3");
  if (!select) return select.error();
  select->BindText(1, target).Bind(2, Signed(after)).Bind(3, static_cast<std::int64_t>(limit));
  std::vector<WaitingParcel> next;
  const Status read = ForEachRow(*select, [&](const Statement& row) {
    next.push_back(
        {.number = Unsigned(row.Integer(0)), .parcel = ReadParcel(row.Bytes(1), row.Bytes(2))});
  });
  if (!read) return read.error();
  return next;
}

Status NotificationOutbox::RemoveThrough(std::string_view target, std::uint64_t number) {
  auto remove = database_->Prepare("DELETE FROM notify_waiting WHERE target = ?1 AND number <= ?2");
  if (!remove) return remove.error();
  remove->BindText(1, target).Bind(2, Signed(number));
  return remove->Run();
}

Result<std::uint64_t> NotificationOutbox::DropRepeats(std::string_view target, std::uint64_t after,
                                                      std::size_t limit) {
  auto remove = database_->Prepare(
      "DELETE FROM notify_waiting WHERE rowid IN (SELECT rowid FROM notify_waiting "
      "WHERE target = ?1 AND step = ?2 AND number > ?3 ORDER BY number LIMIT ?4)");
  if (!remove) return remove.error();
  remove->BindText(1, target).Bind(2, Number(Step::kRepeats)).Bind(3, Signed(after));
  remove->Bind(4, static_cast<std::int64_t>(limit));
  if (const Status removed = remove->Run(); !removed) return removed.error();
  return Unsigned(database_->changes());
}

Result<std::uint64_t> NotificationOutbox::DropEnded(std::string_view target, std::uint64_t after,
                                                    std::size_t limit) {
  auto select = database_->Prepare(
      "SELECT o.fingerprint, o.number, (SELECT min(c.number) FROM notify_waiting c "
      "WHERE c.target = o.target AND c.fingerprint = o.fingerprint AND c.step = ?2 "
      "AND c.number > o.number) AS closes FROM notify_waiting o "
      "WHERE o.target = ?1 AND o.step = ?3 AND o.number > ?4 AND closes IS NOT NULL "
      "ORDER BY o.number LIMIT ?5");
  if (!select) return select.error();
  select->BindText(1, target).Bind(2, Number(Step::kCloses)).Bind(3, Number(Step::kOpens));
  select->Bind(4, Signed(after)).Bind(5, static_cast<std::int64_t>(limit));
  std::vector<Ended> ended;
  const Status read = ForEachRow(*select, [&](const Statement& row) {
    ended.push_back({std::string(row.Bytes(0)), row.Integer(1), row.Integer(2)});
  });
  if (!read) return read.error();
  auto remove = database_->Prepare(
      "DELETE FROM notify_waiting WHERE target = ?1 AND fingerprint = ?2 "
      "AND number BETWEEN ?3 AND ?4");
  if (!remove) return remove.error();
  std::uint64_t count = 0;
  for (const Ended& alert : ended) {
    remove->BindText(1, target).BindText(2, alert.fingerprint);
    remove->Bind(3, alert.opens).Bind(4, alert.closes);
    if (const Status removed = remove->Run(); !removed) return removed.error();
    count += Unsigned(database_->changes());
  }
  return count;
}

Result<std::uint64_t> NotificationOutbox::DropChanges(std::string_view target, std::uint64_t after,
                                                      std::string_view fingerprint) {
  auto remove = database_->Prepare(
      "DELETE FROM notify_waiting WHERE target = ?1 AND fingerprint = ?2 AND step = ?3 "
      "AND number > ?4");
  if (!remove) return remove.error();
  remove->BindText(1, target).BindText(2, fingerprint).Bind(3, Number(Step::kChanges));
  remove->Bind(4, Signed(after));
  if (const Status removed = remove->Run(); !removed) return removed.error();
  return Unsigned(database_->changes());
}

Result<std::map<std::string, std::uint64_t>> NotificationOutbox::KeepOnly(
    const std::vector<std::string>& targets) {
  std::map<std::string, std::uint64_t> forgotten;
  const Status read =
      ForEachRow(*database_,
                 "SELECT target, sum(waits) FROM (SELECT target, 1 AS waits FROM notify_waiting "
                 "UNION ALL SELECT target, 0 FROM notify_known) GROUP BY target",
                 [&](const Statement& row) {
                   const std::string target(row.Bytes(0));
                   if (std::ranges::find(targets, target) != targets.end()) return;
                   forgotten[target] = Unsigned(row.Integer(1));
                 });
  if (!read) return read.error();
  for (const auto& [target, waiting] : forgotten) {
    for (const char* table : {"notify_waiting", "notify_known"}) {
      auto remove = database_->Prepare("DELETE FROM " + std::string(table) + " WHERE target = ?1");
      if (!remove) return remove.error();
      remove->BindText(1, target);
      if (const Status removed = remove->Run(); !removed) return removed.error();
    }
  }
  return forgotten;
}

}  // namespace edgefeed
