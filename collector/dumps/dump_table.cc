#include "collector/dumps/dump_table.h"

#include "collector/sqlite/numbers.h"

namespace edgefeed {
namespace {

constexpr const char* kDumpTable = R"(
CREATE TABLE IF NOT EXISTS dump(id TEXT PRIMARY KEY, grp TEXT NOT NULL, device TEXT NOT NULL,
  filename TEXT NOT NULL, stored_ms INTEGER NOT NULL, size INTEGER NOT NULL, sha256 BLOB NOT NULL,
  kept INTEGER NOT NULL, removed TEXT NOT NULL, occurrences INTEGER NOT NULL,
  inspection INTEGER NOT NULL, inspection_error TEXT NOT NULL, summary BLOB NOT NULL,
  info BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS dump_by_time ON dump(stored_ms, id);
CREATE INDEX IF NOT EXISTS dump_by_group ON dump(grp, stored_ms, id);
CREATE INDEX IF NOT EXISTS dump_by_device ON dump(device, stored_ms, id);
CREATE INDEX IF NOT EXISTS dump_kept ON dump(sha256, device, size) WHERE kept = 1;
CREATE INDEX IF NOT EXISTS dump_uninspected ON dump(stored_ms) WHERE inspection = 0;
)";

constexpr std::string_view kColumns =
    "SELECT id, grp, device, filename, stored_ms, size, sha256, kept, removed, occurrences, "
    "inspection, inspection_error FROM dump ";

DumpRecord DumpFromRow(const Statement& row) {
  DumpRecord dump;
  dump.id = row.Bytes(0);
  dump.group = row.Bytes(1);
  dump.device = row.Bytes(2);
  dump.filename = row.Bytes(3);
  dump.stored_at = FromMillis(row.Integer(4));
  dump.size_bytes = Unsigned(row.Integer(5));
  dump.sha256 = DigestFrom(row.Bytes(6)).value_or(Sha256Digest{});
  dump.kept = row.Integer(7) != 0;
  dump.removed = row.Bytes(8);
  dump.occurrences = Unsigned(row.Integer(9));
  dump.inspection = static_cast<Inspection>(row.Integer(10));
  dump.inspection_error = row.Bytes(11);
  return dump;
}

Result<std::vector<DumpRecord>> Rows(Statement& select) {
  std::vector<DumpRecord> dumps;
  const Status read =
      ForEachRow(select, [&](const Statement& row) { dumps.push_back(DumpFromRow(row)); });
  if (!read) return read.error();
  return dumps;
}

}  // namespace

Result<DumpTable> DumpTable::Open(Database& database) {
  if (const Status made = database.Run(kDumpTable); !made) return made.error();
  return DumpTable(database);
}

Result<bool> DumpTable::Insert(const DumpRecord& dump, std::string_view info,
                               std::string_view summary) {
  auto insert = database_->Prepare(
      "INSERT OR IGNORE INTO dump(id, grp, device, filename, stored_ms, size, sha256, kept, "
      "removed, occurrences, inspection, inspection_error, summary, info) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
  if (!insert) return insert.error();
  insert->BindText(1, dump.id).BindText(2, dump.group).BindText(3, dump.device);
  insert->BindText(4, dump.filename).Bind(5, Millis(dump.stored_at));
  insert->Bind(6, Signed(dump.size_bytes)).BindBlob(7, BytesOf(dump.sha256));
  insert->Bind(8, dump.kept ? 1 : 0).BindText(9, dump.removed);
  insert->Bind(10, Signed(dump.occurrences)).Bind(11, static_cast<std::int64_t>(dump.inspection));
  insert->BindText(12, dump.inspection_error);
  insert->BindBlob(13, summary).BindBlob(14, info);
  if (const Status inserted = insert->Run(); !inserted) return inserted.error();
  return database_->changes() > 0;
}

Result<std::optional<DumpRecord>> DumpTable::Find(std::string_view id) {
  auto select = database_->Prepare(std::string(kColumns) + "WHERE id = ?1");
  if (!select) return select.error();
  const auto row = select->BindText(1, id).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<DumpRecord>();
  return std::optional(DumpFromRow(*select));
}

Result<std::vector<DumpRecord>> DumpTable::WithPrefix(std::string_view prefix, std::size_t limit) {
  // 'g' stands behind every hexadecimal digit.
  auto select = database_->Prepare(std::string(kColumns) +
                                   "WHERE id >= ?1 AND id < ?1 || 'g' ORDER BY id LIMIT ?2");
  if (!select) return select.error();
  select->BindText(1, prefix).Bind(2, Signed(limit));
  return Rows(*select);
}

Result<std::vector<DumpRecord>> DumpTable::List(const DumpFilter& filter, const DumpCursor& after,
                                                std::size_t limit) {
  std::string where = "WHERE (stored_ms, id) < (?1, ?2)";
  if (!filter.group.empty()) where += " AND grp = ?4";
  if (!filter.device.empty()) where += " AND device = ?5";
  auto select = database_->Prepare(std::string(kColumns) + where +
                                   " ORDER BY stored_ms DESC, id DESC LIMIT ?3");
  if (!select) return select.error();
  select->Bind(1, Millis(after.stored_at)).BindText(2, after.id).Bind(3, Signed(limit));
  if (!filter.group.empty()) select->BindText(4, filter.group);
  if (!filter.device.empty()) select->BindText(5, filter.device);
  return Rows(*select);
}

Result<std::vector<DumpRecord>> DumpTable::WantInspection(std::size_t limit) {
  auto select = database_->Prepare(std::string(kColumns) +
                                   "WHERE inspection = 0 ORDER BY stored_ms LIMIT ?1");
  if (!select) return select.error();
  select->Bind(1, Signed(limit));
  return Rows(*select);
}

Result<std::vector<DumpRecord>> DumpTable::KeptOfGroup(std::string_view group) {
  auto select = database_->Prepare(std::string(kColumns) +
                                   "WHERE grp = ?1 AND kept = 1 ORDER BY stored_ms, id");
  if (!select) return select.error();
  select->BindText(1, group);
  return Rows(*select);
}

Result<std::optional<DumpRecord>> DumpTable::LeastMissed(std::string_view device) {
  auto select = database_->Prepare(
      std::string(kColumns) +
      "WHERE kept = 1 AND (?1 = '' OR device = ?1) AND grp = (SELECT grp FROM dump "
      "WHERE kept = 1 AND (?1 = '' OR device = ?1) GROUP BY grp "
      "ORDER BY count(*) > 1 DESC, sum(size) DESC, grp LIMIT 1) ORDER BY stored_ms, id LIMIT 1");
  if (!select) return select.error();
  const auto row = select->BindText(1, device).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<DumpRecord>();
  return std::optional(DumpFromRow(*select));
}

Result<std::vector<DumpRecord>> DumpTable::KeptBefore(WallTime time, std::size_t limit) {
  auto select = database_->Prepare(std::string(kColumns) +
                                   "WHERE kept = 1 AND stored_ms < ?1 ORDER BY stored_ms LIMIT ?2");
  if (!select) return select.error();
  select->Bind(1, Millis(time)).Bind(2, Signed(limit));
  return Rows(*select);
}

Result<std::string> DumpTable::Info(std::string_view id) {
  return Blob("SELECT info FROM dump WHERE id = ?1", id);
}

Result<std::string> DumpTable::Summary(std::string_view id) {
  return Blob("SELECT summary FROM dump WHERE id = ?1", id);
}

Result<std::string> DumpTable::Blob(std::string_view sql, std::string_view id) {
  auto select = database_->Prepare(sql);
  if (!select) return select.error();
  if (const auto row = select->BindText(1, id).Step(); !row) return row.error();
  return std::string(select->Bytes(0));
}

Status DumpTable::Save(const DumpRecord& dump) {
  auto update = database_->Prepare(
      "UPDATE dump SET grp = ?2, kept = ?3, removed = ?4, inspection = ?5, inspection_error = ?6 "
      "WHERE id = ?1");
  if (!update) return update.error();
  update->BindText(1, dump.id).BindText(2, dump.group).Bind(3, dump.kept ? 1 : 0);
  update->BindText(4, dump.removed).Bind(5, static_cast<std::int64_t>(dump.inspection));
  return update->BindText(6, dump.inspection_error).Run();
}

Status DumpTable::SetInfo(std::string_view id, std::string_view info, std::string_view summary) {
  auto update = database_->Prepare("UPDATE dump SET info = ?2, summary = ?3 WHERE id = ?1");
  if (!update) return update.error();
  update->BindText(1, id).BindBlob(2, info).BindBlob(3, summary);
  return update->Run();
}

Status DumpTable::Remove(std::string_view id) {
  auto remove = database_->Prepare("DELETE FROM dump WHERE id = ?1");
  if (!remove) return remove.error();
  return remove->BindText(1, id).Run();
}

Status DumpTable::RemoveBare(WallTime time, std::uint64_t most) {
  auto old = database_->Prepare("DELETE FROM dump WHERE kept = 0 AND stored_ms < ?1");
  if (!old) return old.error();
  if (const Status removed = old->Bind(1, Millis(time)).Run(); !removed) return removed;
  auto over = database_->Prepare(
      "DELETE FROM dump WHERE id IN (SELECT id FROM dump WHERE kept = 0 ORDER BY stored_ms "
      "LIMIT max(0, (SELECT count(*) FROM dump) - ?1))");
  if (!over) return over.error();
  return over->Bind(1, Signed(most)).Run();
}

Result<std::uint64_t> DumpTable::CountKept() {
  const auto count = database_->QueryInteger("SELECT count(*) FROM dump WHERE kept = 1");
  if (!count) return count.error();
  return Unsigned(*count);
}

Result<DumpUsage> DumpTable::Usage(std::string_view device) {
  // Dumps with the same bytes share a file.
  auto select = database_->Prepare(
      "SELECT coalesce(sum(size), 0), coalesce(sum(size) FILTER (WHERE mine), 0) FROM (SELECT "
      "max(size) AS size, max(device = ?1) AS mine FROM dump WHERE kept = 1 GROUP BY sha256)");
  if (!select) return select.error();
  if (const auto row = select->BindText(1, device).Step(); !row) return row.error();
  return DumpUsage{.device_bytes = Unsigned(select->Integer(1)),
                   .all_bytes = Unsigned(select->Integer(0))};
}

Result<std::uint64_t> DumpTable::KeptWith(const Sha256Digest& sha256) {
  auto select = database_->Prepare("SELECT count(*) FROM dump WHERE kept = 1 AND sha256 = ?1");
  if (!select) return select.error();
  if (const auto row = select->BindBlob(1, BytesOf(sha256)).Step(); !row) return row.error();
  return Unsigned(select->Integer(0));
}

}  // namespace edgefeed
