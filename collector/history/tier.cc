#include "collector/history/tier.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

using std::chrono::hours;

constexpr std::int64_t kTierVersion = 1;
constexpr unsigned kTierDeviceBits = 24;
constexpr std::string_view kWholeName = "2000-01-01T00";

std::int64_t Key(Hours slot, DeviceNumber device, const TierShape& shape) {
  return (slot.time_since_epoch() / shape.slot) << kTierDeviceBits | std::int64_t{device};
}

// When a file of this name begins: the rest of the name is that of the first hour.
std::optional<Hours> BeginOf(const std::string& name) {
  if (name.size() > kWholeName.size()) return std::nullopt;
  return ParseHourName(name + std::string(kWholeName.substr(name.size())));
}

}  // namespace

Result<std::unique_ptr<TierFile>> TierFile::Open(const fs::path& path) {
  auto database = Database::Open(path, Database::Mode::kReadWrite);
  if (!database) return database.error();
  const auto version = database->QueryInteger("PRAGMA user_version");
  if (!version) return version.error();
  if (*version == 0) {
    const Status made = database->Run(
        "BEGIN; CREATE TABLE rollup(k INTEGER PRIMARY KEY, lsn INTEGER NOT NULL, data BLOB NOT "
        "NULL);"
        "PRAGMA user_version = 1; COMMIT");
    if (!made) return made.error();
  } else if (*version != kTierVersion) {
    return Error{Code::kFailedPrecondition, path.string() + ": format " + std::to_string(*version) +
                                                " is not known to this version"};
  }
  return std::unique_ptr<TierFile>(new TierFile(std::move(*database)));
}

Status TierFile::Write(std::span<const TierRow> rows, const TierShape& shape) {
  auto transaction = Transaction::Begin(database_);
  if (!transaction) return transaction.error();
  auto insert = database_.Prepare("INSERT OR REPLACE INTO rollup VALUES(?, ?, ?)");
  if (!insert) return insert.error();
  for (const TierRow& row : rows) {
    insert->Bind(1, Key(row.slot, row.device, shape)).Bind(2, static_cast<std::int64_t>(row.lsn));
    if (Status run = insert->BindBlob(3, row.data).Run(); !run) return run;
  }
  return transaction->Commit();
}

Result<std::optional<TierRow>> TierFile::Read(Hours slot, DeviceNumber device,
                                              const TierShape& shape) {
  auto select = database_.Prepare("SELECT lsn, data FROM rollup WHERE k=?");
  if (!select) return select.error();
  const auto row = select->Bind(1, Key(slot, device, shape)).Step();
  if (!row) return row.error();
  if (!*row) return std::optional<TierRow>();
  return std::optional<TierRow>({.slot = slot,
                                 .device = device,
                                 .lsn = static_cast<Lsn>(select->Integer(0)),
                                 .data = std::string(select->Bytes(1))});
}

Result<std::unordered_map<DeviceNumber, Lsn>> TierFile::WrittenUpTo(Hours slot,
                                                                    const TierShape& shape) {
  auto select = database_.Prepare("SELECT k, lsn FROM rollup WHERE k BETWEEN ? AND ?");
  if (!select) return select.error();
  select->Bind(1, Key(slot, 0, shape)).Bind(2, Key(slot, kMaxDeviceNumber, shape));
  std::unordered_map<DeviceNumber, Lsn> written;
  while (true) {
    const auto row = select->Step();
    if (!row) return row.error();
    if (!*row) return written;
    const auto device = select->Integer(0) & std::int64_t{kMaxDeviceNumber};
    written.emplace(static_cast<DeviceNumber>(device), static_cast<Lsn>(select->Integer(1)));
  }
}

Result<std::unique_ptr<Tier>> Tier::Open(fs::path directory, const TierShape& shape,
                                         CollectorStats& stats) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return ErrnoError(directory.string(), error.value());
  return std::unique_ptr<Tier>(new Tier(std::move(directory), shape, stats));
}

Hours Tier::SlotOf(WallTime time) const {
  const auto hour = std::chrono::floor<hours>(time).time_since_epoch();
  const auto past = ((hour % shape_.slot) + shape_.slot) % shape_.slot;
  return Hours(hour - past);
}

fs::path Tier::PathOf(Hours slot) const {
  return directory_ / (HourName(slot).substr(0, shape_.name_size) + ".db");
}

Status Tier::Write(std::span<const TierRow> rows) {
  if (rows.empty()) return {};
  return open_.With(PathOf(rows.front().slot), &TierFile::Open,
                    [&](TierFile& file) { return file.Write(rows, shape_); });
}

Result<std::optional<TierRow>> Tier::Read(Hours slot, DeviceNumber device) {
  std::error_code error;
  if (!fs::exists(PathOf(slot), error)) return std::optional<TierRow>();
  return open_.With(PathOf(slot), &TierFile::Open,
                    [&](TierFile& file) { return file.Read(slot, device, shape_); });
}

Result<std::unordered_map<DeviceNumber, Lsn>> Tier::WrittenUpTo(Hours slot) {
  std::error_code error;
  if (!fs::exists(PathOf(slot), error)) return std::unordered_map<DeviceNumber, Lsn>();
  return open_.With(PathOf(slot), &TierFile::Open,
                    [&](TierFile& file) { return file.WrittenUpTo(slot, shape_); });
}

std::vector<Tier::File> Tier::List() const {
  std::vector<File> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().stem().string();
    if (entry->path().extension() != ".db" || name.size() != shape_.name_size) continue;
    const auto begin = BeginOf(name);
    if (!begin) continue;
    // The next file's name is another: a month is at most 31 days.
    Hours last = *begin;
    while (PathOf(last) == entry->path()) last += hours(24);
    files.push_back({.path = entry->path(), .begin = *begin, .end = last});
  }
  std::ranges::sort(files, {}, &File::begin);
  return files;
}

void Tier::Delete(const fs::path& path) {
  open_.Close(path);
  DeleteDatabase(path);
}

}  // namespace edgefeed
