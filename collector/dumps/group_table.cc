#include "collector/dumps/group_table.h"

#include <algorithm>

#include "collector/sqlite/numbers.h"

namespace edgefeed {
namespace {

constexpr std::int64_t kDevice = 0;
constexpr std::int64_t kVersion = 1;
// So many names of devices, and of versions, are told.
constexpr std::size_t kMostNames = 8;

// Of a group's crashes: how many had this device (kind 0), or this version of the program (kind 1).
constexpr const char* kGroupTables = R"(
CREATE TABLE IF NOT EXISTS dump_group(id TEXT PRIMARY KEY, version TEXT NOT NULL,
  title TEXT NOT NULL, executable TEXT NOT NULL, signal INTEGER NOT NULL, first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL, occurrences INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS dump_group_by_time ON dump_group(last_ms, id);
CREATE TABLE IF NOT EXISTS dump_group_name(grp TEXT NOT NULL, kind INTEGER NOT NULL,
  name TEXT NOT NULL, occurrences INTEGER NOT NULL, PRIMARY KEY(grp, kind, name)) WITHOUT ROWID;
)";

Status AddName(Database& database, const GroupShare& share, std::int64_t kind,
               std::string_view name) {
  if (name.empty()) return {};
  auto insert = database.Prepare(
      "INSERT INTO dump_group_name VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
      "occurrences = occurrences + excluded.occurrences");
  if (!insert) return insert.error();
  insert->BindText(1, share.signature.id).Bind(2, kind).BindText(3, name);
  return insert->Bind(4, Signed(share.occurrences)).Run();
}

Status SubtractName(Database& database, const GroupShare& share, std::int64_t kind,
                    std::string_view name) {
  auto update = database.Prepare(
      "UPDATE dump_group_name SET occurrences = occurrences - ?4 "
      "WHERE grp = ?1 AND kind = ?2 AND name = ?3");
  if (!update) return update.error();
  update->BindText(1, share.signature.id).Bind(2, kind).BindText(3, name);
  return update->Bind(4, Signed(share.occurrences)).Run();
}

Result<std::vector<std::string>> Names(Database& database, std::string_view group,
                                       std::int64_t kind) {
  auto select = database.Prepare(
      "SELECT name FROM dump_group_name WHERE grp = ?1 AND kind = ?2 "
      "ORDER BY occurrences DESC, name LIMIT ?3");
  if (!select) return select.error();
  select->BindText(1, group).Bind(2, kind).Bind(3, Signed(kMostNames));
  std::vector<std::string> names;
  const Status read =
      ForEachRow(*select, [&](const Statement& row) { names.emplace_back(row.Bytes(0)); });
  if (!read) return read.error();
  return names;
}

DumpGroupRecord GroupFromRow(const Statement& row) {
  DumpGroupRecord group;
  group.id = row.Bytes(0);
  group.version = row.Bytes(1);
  group.title = row.Bytes(2);
  group.executable = row.Bytes(3);
  group.signal = static_cast<std::uint32_t>(row.Integer(4));
  group.first_seen = FromMillis(row.Integer(5));
  group.last_seen = FromMillis(row.Integer(6));
  group.occurrences = Unsigned(row.Integer(7));
  return group;
}

}  // namespace

Result<GroupTable> GroupTable::Open(Database& database) {
  if (const Status made = database.Run(kGroupTables); !made) return made.error();
  return GroupTable(database);
}

Status GroupTable::Add(const GroupShare& share) {
  auto insert = database_->Prepare(
      "INSERT INTO dump_group VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET "
      "title = excluded.title, first_ms = min(first_ms, excluded.first_ms), "
      "last_ms = max(last_ms, excluded.last_ms), "
      "occurrences = occurrences + excluded.occurrences");
  if (!insert) return insert.error();
  insert->BindText(1, share.signature.id).BindText(2, share.signature.version);
  insert->BindText(3, share.signature.title).BindText(4, share.executable).Bind(5, share.signal);
  insert->Bind(6, Millis(share.first_at)).Bind(7, Millis(share.last_at));
  if (const Status added = insert->Bind(8, Signed(share.occurrences)).Run(); !added) return added;
  if (const Status added = AddName(*database_, share, kDevice, share.device); !added) return added;
  return AddName(*database_, share, kVersion, share.version);
}

Status GroupTable::Subtract(const GroupShare& share) {
  auto update =
      database_->Prepare("UPDATE dump_group SET occurrences = occurrences - ?2 WHERE id = ?1");
  if (!update) return update.error();
  update->BindText(1, share.signature.id).Bind(2, Signed(share.occurrences));
  if (const Status done = update->Run(); !done) return done;
  for (const auto& [kind, name] : {std::pair{kDevice, &share.device}, {kVersion, &share.version}}) {
    if (const Status done = SubtractName(*database_, share, kind, *name); !done) return done;
  }
  return database_->Run(
      "DELETE FROM dump_group_name WHERE occurrences <= 0;"
      "DELETE FROM dump_group WHERE occurrences <= 0");
}

Result<std::vector<DumpGroupRecord>> GroupTable::List(std::string_view device,
                                                      const GroupCursor& after, std::size_t limit) {
  std::string sql =
      "SELECT id, version, title, executable, signal, first_ms, last_ms, occurrences "
      "FROM dump_group WHERE (last_ms, id) < (?1, ?2)";
  if (!device.empty()) {
    sql += " AND EXISTS (SELECT 1 FROM dump_group_name WHERE grp = id AND kind = 0 AND name = ?4)";
  }
  auto select = database_->Prepare(sql + " ORDER BY last_ms DESC, id DESC LIMIT ?3");
  if (!select) return select.error();
  select->Bind(1, Millis(after.last_seen)).BindText(2, after.id).Bind(3, Signed(limit));
  if (!device.empty()) select->BindText(4, device);
  std::vector<DumpGroupRecord> groups;
  const Status read =
      ForEachRow(*select, [&](const Statement& row) { groups.push_back(GroupFromRow(row)); });
  if (!read) return read.error();
  for (DumpGroupRecord& group : groups) {
    if (const Status completed = Complete(group); !completed) return completed.error();
  }
  return groups;
}

Status GroupTable::Complete(DumpGroupRecord& group) {
  auto devices = Names(*database_, group.id, kDevice);
  if (!devices) return devices.error();
  group.devices = std::move(*devices);
  auto versions = Names(*database_, group.id, kVersion);
  if (!versions) return versions.error();
  group.versions = std::move(*versions);
  auto select = database_->Prepare(
      "SELECT (SELECT count(*) FROM dump_group_name WHERE grp = ?1 AND kind = 0), "
      "count(*), coalesce(sum(size), 0) FROM dump WHERE grp = ?1 AND kept = 1");
  if (!select) return select.error();
  if (const auto row = select->BindText(1, group.id).Step(); !row) return row.error();
  group.device_count = Unsigned(select->Integer(0));
  group.kept_dumps = Unsigned(select->Integer(1));
  group.kept_bytes = Unsigned(select->Integer(2));
  return {};
}

Result<bool> GroupTable::Has(std::string_view id) {
  auto select = database_->Prepare("SELECT 1 FROM dump_group WHERE id = ?1");
  if (!select) return select.error();
  return select->BindText(1, id).Step();
}

Result<std::uint64_t> GroupTable::Count() {
  const auto count = database_->QueryInteger("SELECT count(*) FROM dump_group");
  if (!count) return count.error();
  return Unsigned(*count);
}

Status GroupTable::RemoveOldest(std::uint64_t count) {
  auto remove = database_->Prepare(
      "DELETE FROM dump_group WHERE id IN (SELECT id FROM dump_group WHERE NOT EXISTS "
      "(SELECT 1 FROM dump WHERE grp = dump_group.id) ORDER BY last_ms LIMIT ?1)");
  if (!remove) return remove.error();
  if (const Status removed = remove->Bind(1, Signed(count)).Run(); !removed) return removed;
  return database_->Run("DELETE FROM dump_group_name WHERE grp NOT IN (SELECT id FROM dump_group)");
}

}  // namespace edgefeed
