#include "collector/uploads/upload_table.h"

namespace edgefeed {
namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS upload(number INTEGER PRIMARY KEY AUTOINCREMENT, device TEXT NOT NULL,
  upload_id TEXT NOT NULL, filename TEXT NOT NULL, size INTEGER NOT NULL, sha256 BLOB NOT NULL,
  is_dump INTEGER NOT NULL, description BLOB NOT NULL, committed INTEGER NOT NULL,
  crc INTEGER NOT NULL, epoch INTEGER NOT NULL, phase INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
  stored_as TEXT NOT NULL, UNIQUE(device, upload_id));
CREATE INDEX IF NOT EXISTS upload_by_expiry ON upload(expires_ms);
CREATE INDEX IF NOT EXISTS upload_by_phase ON upload(phase, device);
CREATE TABLE IF NOT EXISTS last_epoch(only INTEGER PRIMARY KEY CHECK(only = 0),
  epoch INTEGER NOT NULL);
INSERT OR IGNORE INTO last_epoch VALUES(0, 0);
)";

constexpr std::string_view kColumns =
    "SELECT number, device, upload_id, filename, size, sha256, is_dump, committed, crc, epoch, "
    "phase, expires_ms, stored_as FROM upload ";

// SQLite has only signed numbers.
std::int64_t Signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t Unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }

BegunUpload FromRow(const Statement& row) {
  BegunUpload upload;
  upload.number = row.Integer(0);
  upload.device = row.Bytes(1);
  upload.upload_id = row.Bytes(2);
  upload.filename = row.Bytes(3);
  upload.size_bytes = Unsigned(row.Integer(4));
  upload.sha256 = DigestFrom(row.Bytes(5)).value_or(Sha256Digest{});
  upload.is_dump = row.Integer(6) != 0;
  upload.committed_bytes = Unsigned(row.Integer(7));
  upload.committed_crc32c = static_cast<std::uint32_t>(row.Integer(8));
  upload.epoch = Unsigned(row.Integer(9));
  upload.phase = static_cast<UploadPhase>(row.Integer(10));
  upload.expires = FromUnixMillis(Unsigned(row.Integer(11)));
  upload.stored_as = row.Bytes(12);
  return upload;
}

Result<std::vector<BegunUpload>> Rows(Statement& select) {
  std::vector<BegunUpload> uploads;
  const Status read =
      ForEachRow(select, [&](const Statement& row) { uploads.push_back(FromRow(row)); });
  if (!read) return read.error();
  return uploads;
}

}  // namespace

Result<UploadTable> UploadTable::Open(Database& database) {
  if (const Status made = database.Run(kTables); !made) return made.error();
  return UploadTable(database);
}

Result<std::optional<BegunUpload>> UploadTable::Find(std::string_view device,
                                                     std::string_view upload_id) {
  auto select = database_->Prepare(std::string(kColumns) + "WHERE device = ?1 AND upload_id = ?2");
  if (!select) return select.error();
  const auto row = select->BindText(1, device).BindText(2, upload_id).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<BegunUpload>();
  return std::optional(FromRow(*select));
}

Result<std::vector<BegunUpload>> UploadTable::Incomplete() {
  auto select = database_->Prepare(std::string(kColumns) + "WHERE phase = 1");
  if (!select) return select.error();
  return Rows(*select);
}

Result<std::vector<BegunUpload>> UploadTable::ExpiredAt(WallTime now) {
  auto select = database_->Prepare(std::string(kColumns) + "WHERE expires_ms <= ?1");
  if (!select) return select.error();
  select->Bind(1, Signed(UnixMillis(now)));
  return Rows(*select);
}

Result<PromisedRoom> UploadTable::PromisedTo(std::string_view device) {
  return Promised("WHERE phase = 1 AND device = ?1", device);
}

Result<PromisedRoom> UploadTable::PromisedToAll() { return Promised("WHERE phase = 1", {}); }

Result<PromisedRoom> UploadTable::Promised(std::string_view where, std::string_view device) {
  auto select = database_->Prepare(
      "SELECT count(*), coalesce(sum(size), 0), coalesce(sum(size - committed), 0) FROM upload " +
      std::string(where));
  if (!select) return select.error();
  // Without a parameter there is nothing to bind, which SQLite does not mind.
  select->BindText(1, device);
  if (const auto row = select->Step(); !row) return row.error();
  return PromisedRoom{.uploads = Unsigned(select->Integer(0)),
                      .bytes = Unsigned(select->Integer(1)),
                      .missing_bytes = Unsigned(select->Integer(2))};
}

Result<std::int64_t> UploadTable::Insert(const BegunUpload& upload, std::string_view description) {
  auto insert = database_->Prepare(
      "INSERT INTO upload(device, upload_id, filename, size, sha256, is_dump, description, "
      "committed, crc, epoch, phase, expires_ms, stored_as) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) RETURNING number");
  if (!insert) return insert.error();
  insert->BindText(1, upload.device).BindText(2, upload.upload_id).BindText(3, upload.filename);
  insert->Bind(4, Signed(upload.size_bytes)).BindBlob(5, BytesOf(upload.sha256));
  insert->Bind(6, upload.is_dump ? 1 : 0).BindBlob(7, description);
  insert->Bind(8, Signed(upload.committed_bytes)).Bind(9, upload.committed_crc32c);
  insert->Bind(10, Signed(upload.epoch)).Bind(11, static_cast<std::int64_t>(upload.phase));
  insert->Bind(12, Signed(UnixMillis(upload.expires))).BindText(13, upload.stored_as);
  if (const auto row = insert->Step(); !row) return row.error();
  const std::int64_t number = insert->Integer(0);
  insert->Reset();
  return number;
}

Result<std::string> UploadTable::Description(std::int64_t number) {
  auto select = database_->Prepare("SELECT description FROM upload WHERE number = ?1");
  if (!select) return select.error();
  if (const auto row = select->Bind(1, number).Step(); !row) return row.error();
  return std::string(select->Bytes(0));
}

Status UploadTable::Save(const BegunUpload& upload) {
  auto update = database_->Prepare(
      "UPDATE upload SET committed = ?2, crc = ?3, epoch = ?4, phase = ?5, expires_ms = ?6, "
      "stored_as = ?7 WHERE number = ?1");
  if (!update) return update.error();
  update->Bind(1, upload.number).Bind(2, Signed(upload.committed_bytes));
  update->Bind(3, upload.committed_crc32c).Bind(4, Signed(upload.epoch));
  update->Bind(5, static_cast<std::int64_t>(upload.phase));
  update->Bind(6, Signed(UnixMillis(upload.expires))).BindText(7, upload.stored_as);
  return update->Run();
}

Status UploadTable::DropDescription(std::int64_t number) {
  auto update = database_->Prepare("UPDATE upload SET description = x'' WHERE number = ?1");
  if (!update) return update.error();
  return update->Bind(1, number).Run();
}

Status UploadTable::Remove(std::int64_t number) {
  auto remove = database_->Prepare("DELETE FROM upload WHERE number = ?1");
  if (!remove) return remove.error();
  return remove->Bind(1, number).Run();
}

Result<std::uint64_t> UploadTable::NextEpoch() {
  auto update = database_->Prepare("UPDATE last_epoch SET epoch = epoch + 1 RETURNING epoch");
  if (!update) return update.error();
  if (const auto row = update->Step(); !row) return row.error();
  const std::uint64_t epoch = Unsigned(update->Integer(0));
  update->Reset();
  return epoch;
}

}  // namespace edgefeed
