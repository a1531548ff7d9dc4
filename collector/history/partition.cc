#include "collector/history/partition.h"

#include <algorithm>
#include <utility>

#include "collector/sqlite/numbers.h"

namespace edgefeed {
namespace {

using std::chrono::ceil;
using std::chrono::floor;
using std::chrono::seconds;

constexpr std::int64_t kPartitionVersion = 1;
constexpr unsigned kDeviceBits = 24;
// Devices whose chunks are written together have their progress on one page. Not chunk_every,
// which may change: a device must find what it wrote.
constexpr std::int64_t kProgressSlots = 120;

constexpr const char* kPartitionTables = R"(
CREATE TABLE setting(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE chunk(k INTEGER PRIMARY KEY, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  data BLOB NOT NULL);
CREATE TABLE late(id INTEGER PRIMARY KEY, device INTEGER NOT NULL, first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX late_device ON late(device);
CREATE TABLE progress(k INTEGER PRIMARY KEY, lsn INTEGER NOT NULL);
PRAGMA user_version = 1;
)";

std::int64_t ChunkKey(DeviceNumber device, std::int64_t second) {
  return second << kDeviceBits | std::int64_t{device};
}

std::int64_t ProgressKey(DeviceNumber device) {
  return ChunkKey(device, std::int64_t{device} % kProgressSlots);
}

Status Create(Database& database, seconds chunk_every) {
  auto transaction = Transaction::Begin(database);
  if (!transaction) return transaction.error();
  if (Status made = database.Run(kPartitionTables); !made) return made;
  const std::string every = std::to_string(chunk_every.count());
  if (Status set = database.Run("INSERT INTO setting VALUES('chunk_every_s', " + every + ")");
      !set) {
    return set;
  }
  return transaction->Commit();
}

Result<seconds> ReadSettings(Database& database) {
  const auto version = database.QueryInteger("PRAGMA user_version");
  if (!version) return version.error();
  if (*version != kPartitionVersion) {
    return Error{Code::kFailedPrecondition,
                 "format " + std::to_string(*version) + " is not known to this version"};
  }
  const auto every = database.QueryInteger("SELECT value FROM setting WHERE name='chunk_every_s'");
  if (!every) return every.error();
  if (*every <= 0) return Error{Code::kDataLoss, "no chunk_every_s"};
  return seconds(*every);
}

}  // namespace

Result<std::unique_ptr<Partition>> Partition::Open(const std::filesystem::path& path,
                                                   seconds chunk_every) {
  auto database = Database::Open(path, Database::Mode::kReadWrite);
  if (!database) return database.error();
  const auto tables = database->QueryInteger("SELECT count(*) FROM sqlite_master");
  if (!tables) return tables.error();
  if (*tables == 0) {
    if (const Status created = Create(*database, chunk_every); !created) return created.error();
  }
  const auto every = ReadSettings(*database);
  if (!every) return every.error().Wrap(path.string());
  return std::unique_ptr<Partition>(new Partition(std::move(*database), *every));
}

Result<std::unique_ptr<Partition>> Partition::OpenReadOnly(const std::filesystem::path& path) {
  auto database = Database::Open(path, Database::Mode::kReadOnly);
  if (!database) return database.error();
  const auto every = ReadSettings(*database);
  if (!every) return every.error().Wrap(path.string());
  return std::unique_ptr<Partition>(new Partition(std::move(*database), *every));
}

std::int64_t Partition::DueSecond(DeviceNumber device, std::int64_t second) const {
  const std::int64_t every = chunk_every_.count();
  const std::int64_t past = ((second - std::int64_t{device}) % every + every) % every;
  return past == 0 ? second : second + every - past;
}

bool Partition::IsOnTime(const NewChunk& chunk, std::int64_t due_second) const {
  const WallTime due{seconds(due_second)};
  return chunk.chunk.first >= due - 2 * chunk_every_ && chunk.chunk.last <= due + chunk_every_;
}

Status Partition::Add(std::span<const NewChunk> chunks) {
  auto transaction = Transaction::Begin(database_);
  if (!transaction) return transaction.error();
  auto on_time = database_.Prepare("INSERT OR IGNORE INTO chunk VALUES(?, ?, ?, ?)");
  if (!on_time) return on_time.error();
  auto late =
      database_.Prepare("INSERT INTO late(device, first_ms, last_ms, data) VALUES(?, ?, ?, ?)");
  if (!late) return late.error();
  auto progress = database_.Prepare("INSERT OR REPLACE INTO progress VALUES(?, ?)");
  if (!progress) return progress.error();

  for (const auto& [due, chunk] : InOrderOfDue(chunks)) {
    if (Status added = AddOne(*chunk, due, *on_time, *late); !added) return added;
    progress->Bind(1, ProgressKey(chunk->device))
        .Bind(2, static_cast<std::int64_t>(chunk->last_lsn));
    if (Status run = progress->Run(); !run) return run;
  }
  return transaction->Commit();
}

// In the order of their keys: so rows are only appended.
std::vector<Partition::DueChunk> Partition::InOrderOfDue(std::span<const NewChunk> chunks) const {
  std::vector<DueChunk> in_order;
  in_order.reserve(chunks.size());
  for (const NewChunk& chunk : chunks) {
    const auto due = floor<seconds>(chunk.due.time_since_epoch()).count();
    in_order.push_back({DueSecond(chunk.device, due), &chunk});
  }
  std::ranges::stable_sort(in_order, {}, &DueChunk::due);
  return in_order;
}

Status Partition::AddOne(const NewChunk& chunk, std::int64_t due, Statement& on_time,
                         Statement& late) {
  const auto insert = [&chunk](Statement& statement, std::int64_t key) {
    statement.Bind(1, key).Bind(2, Millis(chunk.chunk.first)).Bind(3, Millis(chunk.chunk.last));
    return statement.BindBlob(4, chunk.chunk.data).Run();
  };
  if (IsOnTime(chunk, due)) {
    if (Status run = insert(on_time, ChunkKey(chunk.device, due)); !run) return run;
    if (database_.changes() == 1) return {};
    // Its place is taken, after a restart or a step of the clock.
  }
  return insert(late, chunk.device);
}

Result<Lsn> Partition::WrittenUpTo(DeviceNumber device) {
  const auto lsn = database_.QueryInteger("SELECT lsn FROM progress WHERE k=" +
                                          std::to_string(ProgressKey(device)));
  if (!lsn) return lsn.error();
  return static_cast<Lsn>(*lsn);
}

Result<Lsn> Partition::WrittenUpTo() {
  const auto lsn = database_.QueryInteger("SELECT max(lsn) FROM progress");
  if (!lsn) return lsn.error();
  return static_cast<Lsn>(*lsn);
}

Result<std::vector<DeviceProgress>> Partition::Progress() {
  auto select = database_.Prepare("SELECT k, lsn FROM progress");
  if (!select) return select.error();
  std::vector<DeviceProgress> progress;
  while (true) {
    const auto row = select->Step();
    if (!row) return row.error();
    if (!*row) return progress;
    progress.push_back(
        {.device = static_cast<DeviceNumber>(select->Integer(0) & std::int64_t{kMaxDeviceNumber}),
         .lsn = static_cast<Lsn>(select->Integer(1))});
  }
}

Result<std::vector<Chunk>> Partition::Read(DeviceNumber device, WallTime from, WallTime to) {
  std::vector<Chunk> chunks;
  if (const Status read = ReadOnTime(device, from, to, chunks); !read) return read.error();
  if (const Status read = ReadLate(device, from, to, chunks); !read) return read.error();
  return chunks;
}

Status Partition::ReadOnTime(DeviceNumber device, WallTime from, WallTime to,
                             std::vector<Chunk>& chunks) {
  auto select = database_.Prepare("SELECT first_ms, last_ms, data FROM chunk WHERE k=?");
  if (!select) return select.error();
  const std::int64_t begin = floor<seconds>((from - chunk_every_).time_since_epoch()).count();
  const std::int64_t end = ceil<seconds>((to + 2 * chunk_every_).time_since_epoch()).count();
  for (std::int64_t due = DueSecond(device, begin); due <= end; due += chunk_every_.count()) {
    const auto row = select->Bind(1, ChunkKey(device, due)).Step();
    if (!row) return row.error();
    if (!*row) continue;
    Chunk chunk{.first = FromMillis(select->Integer(0)), .last = FromMillis(select->Integer(1))};
    if (chunk.last >= from && chunk.first <= to) {
      chunk.data = select->Bytes(2);
      chunks.push_back(std::move(chunk));
    }
    select->Reset();
  }
  return {};
}

Status Partition::ReadLate(DeviceNumber device, WallTime from, WallTime to,
                           std::vector<Chunk>& chunks) {
  auto select = database_.Prepare(
      "SELECT first_ms, last_ms, data FROM late WHERE device=? AND last_ms>=? AND first_ms<=?");
  if (!select) return select.error();
  select->Bind(1, device).Bind(2, Millis(from)).Bind(3, Millis(to));
  while (true) {
    const auto row = select->Step();
    if (!row) return row.error();
    if (!*row) return {};
    chunks.push_back({.first = FromMillis(select->Integer(0)),
                      .last = FromMillis(select->Integer(1)),
                      .data = std::string(select->Bytes(2))});
  }
}

}  // namespace edgefeed
