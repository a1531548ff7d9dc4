#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

// SQLite with our errors: DATA_LOSS for a file that is damaged or none of SQLite's,
// RESOURCE_EXHAUSTED for a full disk, DEADLINE_EXCEEDED when interrupted; the message names the
// file. Not thread-safe.
namespace edgefeed {

class Statement {
 public:
  Statement(Statement&& other) noexcept = default;
  Statement& operator=(Statement&& other) noexcept = default;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() = default;

  // Parameters and columns count as in SQLite: from 1, and from 0. Bound text and blobs must stay
  // until the last Step().
  Statement& Bind(int parameter, std::int64_t value);
  Statement& BindText(int parameter, std::string_view text);
  Statement& BindBlob(int parameter, std::string_view bytes);

  // Runs until the next row; false when there is none, and then it may be bound and run again.
  Result<bool> Step();
  // Makes it so before the last row.
  void Reset();
  // Runs a statement that gives no rows.
  Status Run();

  [[nodiscard]] std::int64_t Integer(int column) const;
  // Valid until the next Step().
  [[nodiscard]] std::string_view Bytes(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Mode { kReadOnly, kReadWrite };

  // kReadWrite creates the file, keeps a write-ahead log beside it, and has each commit wait for
  // stable storage. kReadOnly also reads a file that another connection writes.
  static Result<Database> Open(const std::filesystem::path& path, Mode mode);

  // Statements separated by semicolons.
  Status Run(const std::string& sql) const;
  Result<Statement> Prepare(std::string_view sql) const;
  // The first column of the only row of the answer.
  Result<std::int64_t> QueryInteger(std::string_view sql) const;
  // Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;
  // For what this class does not cover.
  [[nodiscard]] sqlite3* handle() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
};

// Calls `use` with the statement at each row of the answer.
template <typename Use>
Status ForEachRow(Statement& select, Use use) {
  while (true) {
    const auto row = select.Step();
    if (!row) return row.error();
    if (!*row) return {};
    use(select);
  }
}

template <typename Use>
Status ForEachRow(const Database& database, std::string_view sql, Use use) {
  auto select = database.Prepare(sql);
  if (!select) return select.error();
  return ForEachRow(*select, use);
}

// Rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> Begin(Database& database);
  ~Transaction();
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Status Commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;  // Null: committed, or moved from.
};

}  // namespace edgefeed
