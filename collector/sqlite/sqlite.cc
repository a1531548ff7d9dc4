#include "collector/sqlite/sqlite.h"

#include <sqlite3.h>

#include <chrono>
#include <utility>

namespace edgefeed {
namespace {

// A reader in another process (sqlite3, a backup) may hold a lock for a moment.
constexpr int kBusyTimeoutMs = 2000;
// When a disk that is full may have room again.
constexpr std::chrono::minutes kRoomAgain{1};

Error LastError(sqlite3* database) {
  const char* file = sqlite3_db_filename(database, "main");
  const std::string name = file != nullptr ? file : "";
  Error error{Code::kUnavailable, name + ": " + sqlite3_errmsg(database)};
  switch (sqlite3_errcode(database)) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: error.code = Code::kDataLoss; break;
    case SQLITE_FULL:
      error.code = Code::kResourceExhausted;
      error.retry_after = kRoomAgain;
      break;
    case SQLITE_INTERRUPT: error.code = Code::kDeadlineExceeded; break;
    default: break;
  }
  return error;
}

// Empty ones without an address would be bound as NULL.
const char* NotNull(std::string_view bytes) { return bytes.data() == nullptr ? "" : bytes.data(); }

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::Bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}

Statement& Statement::BindText(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, NotNull(text), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindBlob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), parameter, NotNull(bytes), bytes.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::Step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  Error error = LastError(sqlite3_db_handle(statement_.get()));
  sqlite3_reset(statement_.get());
  return error;
}

void Statement::Reset() { sqlite3_reset(statement_.get()); }

Status Statement::Run() {
  const auto row = Step();
  if (!row) return row.error();
  Reset();
  return {};
}

std::int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<Database> Database::Open(const std::filesystem::path& path, Mode mode) {
  const int flags = (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY
                                             : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                    SQLITE_OPEN_NOMUTEX;
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (result != SQLITE_OK) {
    return Error{Code::kUnavailable, path.string() + ": " + sqlite3_errstr(result)};
  }
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  if (mode == Mode::kReadOnly) return database;
  const Status set = database.Run(
      "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
      "PRAGMA wal_autocheckpoint = 4000");
  if (!set) return set.error();
  return database;
}

Status Database::Run(const std::string& sql) const {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return LastError(handle());
}

Result<Statement> Database::Prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
      SQLITE_OK) {
    return LastError(handle());
  }
  return Statement(statement);
}

Result<std::int64_t> Database::QueryInteger(std::string_view sql) const {
  auto statement = Prepare(sql);
  if (!statement) return statement.error();
  const auto row = statement->Step();
  if (!row) return row.error();
  return *row ? statement->Integer(0) : 0;
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle()); }

Result<Transaction> Transaction::Begin(Database& database) {
  if (const Status begun = database.Run("BEGIN IMMEDIATE"); !begun) return begun.error();
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // SQLite has rolled back by itself after some errors: then this one has nothing to do.
  static_cast<void>(database_->Run("ROLLBACK"));
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Status Transaction::Commit() {
  Status committed = database_->Run("COMMIT");
  if (committed) database_ = nullptr;
  return committed;
}

}  // namespace edgefeed
