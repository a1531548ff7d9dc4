#include "collector/history/meta.h"

#include <string>

#include "collector/history/frame.h"
#include "collector/sqlite/numbers.h"

namespace edgefeed {
namespace {

constexpr std::int64_t kMetaVersion = 1;

constexpr const char* kMetaTables = R"(
BEGIN;
CREATE TABLE state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE device(number INTEGER PRIMARY KEY, name TEXT NOT NULL, info BLOB NOT NULL);
CREATE TABLE seen(device INTEGER PRIMARY KEY, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  count INTEGER NOT NULL);
CREATE TABLE stream(device INTEGER, place INTEGER, stream INTEGER NOT NULL,
  sequence INTEGER NOT NULL, PRIMARY KEY(device, place)) WITHOUT ROWID;
CREATE TABLE series(number INTEGER PRIMARY KEY, metric TEXT NOT NULL, labels BLOB NOT NULL);
PRAGMA user_version = 1;
COMMIT;
)";

}  // namespace

Result<std::unique_ptr<Meta>> Meta::Open(const std::filesystem::path& path) {
  auto database = Database::Open(path, Database::Mode::kReadWrite);
  if (!database) return database.error();
  const auto tables = database->QueryInteger("SELECT count(*) FROM sqlite_master");
  if (!tables) return tables.error();
  if (*tables == 0) {
    if (const Status made = database->Run(kMetaTables); !made) return made.error();
  }
  const auto version = database->QueryInteger("PRAGMA user_version");
  if (!version) return version.error();
  if (*version != kMetaVersion) {
    return Error{Code::kFailedPrecondition, path.string() + ": format " + std::to_string(*version) +
                                                " is not known to this version"};
  }
  return std::unique_ptr<Meta>(new Meta(std::move(*database)));
}

Result<std::uint64_t> Meta::Epoch() {
  const auto epoch = database_.QueryInteger("SELECT value FROM state WHERE name='epoch'");
  if (!epoch) return epoch.error();
  return static_cast<std::uint64_t>(*epoch);
}

Status Meta::SetEpoch(std::uint64_t epoch) { return SetState("epoch", epoch); }

Status Meta::SetState(const char* name, std::uint64_t value) {
  auto insert = database_.Prepare("INSERT OR REPLACE INTO state VALUES(?, ?)");
  if (!insert) return insert.error();
  return insert->BindText(1, name).Bind(2, Signed(value)).Run();
}

Result<Inventory> Meta::Load() {
  Inventory inventory;
  if (const Status loaded = LoadSeries(inventory); !loaded) return loaded.error();
  if (const Status loaded = LoadDevices(inventory); !loaded) return loaded.error();
  const auto lsn = database_.QueryInteger("SELECT value FROM state WHERE name='counted_lsn'");
  if (!lsn) return lsn.error();
  inventory.RestoreCounted(static_cast<Lsn>(*lsn));
  return inventory;
}

Status Meta::LoadSeries(Inventory& inventory) {
  return ForEachRow(database_, "SELECT number, metric, labels FROM series",
                    [&inventory](const Statement& row) {
                      inventory.Restore(static_cast<SeriesNumber>(row.Integer(0)),
                                        {.metric = std::string(row.Bytes(1)),
                                         .labels = DecodeLabels(row.Bytes(2)).value_or(Labels())});
                    });
}

Status Meta::LoadDevices(Inventory& inventory) {
  std::unordered_map<DeviceNumber, std::vector<StreamPosition>> streams;
  Status read =
      ForEachRow(database_, "SELECT device, stream, sequence FROM stream ORDER BY device, place",
                 [&streams](const Statement& row) {
                   streams[static_cast<DeviceNumber>(row.Integer(0))].push_back(
                       {.stream = static_cast<StreamId>(row.Integer(1)),
                        .sequence = static_cast<std::uint64_t>(row.Integer(2))});
                 });
  if (!read) return read;
  return ForEachRow(database_,
                    "SELECT number, name, first_ms, last_ms, count, info FROM device "
                    "JOIN seen ON device.number = seen.device",
                    [&inventory, &streams](const Statement& row) {
                      const auto number = static_cast<DeviceNumber>(row.Integer(0));
                      KnownDevice device{
                          .name = std::string(row.Bytes(1)),
                          .first_seen = FromMillis(row.Integer(2)),
                          .last_seen = FromMillis(row.Integer(3)),
                          .request_count = static_cast<std::uint64_t>(row.Integer(4)),
                          .info = nullptr,
                          .stored = std::move(streams[number])};
                      if (auto info = DecodeInfo(row.Bytes(5))) {
                        device.info = std::make_shared<const DeviceInfo>(std::move(*info));
                      }
                      inventory.Restore(number, std::move(device));
                    });
}

Status Meta::Save(Inventory& inventory) {
  auto transaction = Transaction::Begin(database_);
  if (!transaction) return transaction.error();
  if (Status saved = SaveSeries(inventory); !saved) return saved;
  if (Status saved = SaveDevices(inventory); !saved) return saved;
  if (Status saved = SaveSeen(inventory); !saved) return saved;
  if (Status saved = SaveStreams(inventory); !saved) return saved;
  if (Status saved = SetState("counted_lsn", inventory.counted_lsn()); !saved) return saved;
  if (Status committed = transaction->Commit(); !committed) return committed;
  inventory.MarkClean();
  return {};
}

Status Meta::SaveSeries(const Inventory& inventory) {
  auto insert = database_.Prepare("INSERT OR REPLACE INTO series VALUES(?, ?, ?)");
  if (!insert) return insert.error();
  for (const SeriesNumber number : inventory.dirty_series()) {
    const Series& series = inventory.series().at(number);
    const std::string labels = EncodeLabels(series.labels);
    insert->Bind(1, number).BindText(2, series.metric).BindBlob(3, labels);
    if (Status run = insert->Run(); !run) return run;
  }
  return {};
}

Status Meta::SaveDevices(const Inventory& inventory) {
  auto insert = database_.Prepare("INSERT OR REPLACE INTO device VALUES(?, ?, ?)");
  if (!insert) return insert.error();
  for (const DeviceNumber number : inventory.dirty_descriptions()) {
    const KnownDevice& device = *inventory.Find(number);
    const std::string info = device.info != nullptr ? EncodeInfo(*device.info) : "";
    insert->Bind(1, number).BindText(2, device.name).BindBlob(3, info);
    if (Status run = insert->Run(); !run) return run;
  }
  return {};
}

Status Meta::SaveSeen(const Inventory& inventory) {
  auto insert = database_.Prepare("INSERT OR REPLACE INTO seen VALUES(?, ?, ?, ?)");
  if (!insert) return insert.error();
  for (const DeviceNumber number : inventory.dirty_devices()) {
    const KnownDevice& device = *inventory.Find(number);
    insert->Bind(1, number)
        .Bind(2, Millis(device.first_seen))
        .Bind(3, Millis(device.last_seen))
        .Bind(4, Signed(device.request_count));
    if (Status run = insert->Run(); !run) return run;
  }
  return {};
}

Status Meta::SaveStreams(const Inventory& inventory) {
  auto insert = database_.Prepare("INSERT OR REPLACE INTO stream VALUES(?, ?, ?, ?)");
  if (!insert) return insert.error();
  for (const DeviceNumber number : inventory.dirty_devices()) {
    std::int64_t place = 0;
    for (const StreamPosition& position : inventory.Find(number)->stored) {
      insert->Bind(1, number).Bind(2, place++).Bind(3, Signed(position.stream));
      if (Status run = insert->Bind(4, Signed(position.sequence)).Run(); !run) return run;
    }
  }
  return {};
}

}  // namespace edgefeed
