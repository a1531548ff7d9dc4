#include "collector/history/verify.h"

#include <algorithm>
#include <functional>
#include <set>
#include <system_error>
#include <utility>

#include "collector/history/chunk_codec.h"
#include "collector/history/log_reader.h"
#include "collector/history/meta.h"
#include "collector/history/rollup_codec.h"
#include "collector/sqlite/sqlite.h"

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

class Verification {
 public:
  using OnFile = std::function<void(const fs::path& file)>;
  Verification(const fs::path& directory, const OnFile& on_file)
      : directory_(directory), on_file_(on_file) {}

  VerifyReport Run() {
    CheckMeta();
    for (const char* log : {"names", "outbox", "log"}) CheckLog(directory_ / log);
    codec_.SetSeriesCount(series_);
    match_ = MatchNumbers(series_);
    ForEachDatabase("raw", [this](Database& database, const std::string& file) {
      for (const char* table : {"chunk", "late"}) CheckChunks(database, file, table);
    });
    for (const char* tier : {"minute", "hour"}) {
      ForEachDatabase(tier, [this](Database& database, const std::string& file) {
        CheckRollups(database, file);
      });
    }
    report_.devices = devices_.size();
    return std::move(report_);
  }

 private:
  using CheckContent = std::function<void(Database& database, const std::string& file)>;

  void Damage(const std::string& file, const std::string& what) {
    report_.damage.push_back(file + ": " + what);
  }

  void NoteSeries(SeriesNumber number) {
    series_ = std::max(series_, static_cast<std::size_t>(number) + 1);
  }

  void CheckMeta() {
    CheckDatabase(directory_ / "meta.db", [this](Database& database, const std::string& file) {
      const auto last = database.QueryInteger("SELECT max(number) FROM series");
      if (!last) return Damage(file, last.error().message);
      NoteSeries(static_cast<SeriesNumber>(*last));
      ForEachRow(database, file, "SELECT number FROM device", [this](const Statement& row) {
        devices_.insert(row.Integer(0));
        return Status();
      });
    });
  }

  void CheckLog(const fs::path& directory) {
    const auto segments = ReadLog(directory, [this](Lsn, const Entry& entry) {
      ++report_.log_entries;
      if (const auto* name = std::get_if<SeriesName>(&entry)) NoteSeries(name->number);
      if (const auto* name = std::get_if<DeviceName>(&entry)) devices_.insert(name->number);
    });
    if (!segments) return report_.damage.push_back(segments.error().message);
    report_.files += segments->size();
    for (const LogSegment& segment : *segments) {
      if (segment.damaged) Damage(segment.path.string(), "damaged records");
    }
  }

  void ForEachDatabase(const char* kind, const CheckContent& check) {
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator entry(directory_ / kind, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().extension() == ".db") paths.push_back(entry->path());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      Damage((directory_ / kind).string(), error.message());
    }
    std::ranges::sort(paths);
    for (const fs::path& path : paths) CheckDatabase(path, check);
  }

  void CheckDatabase(const fs::path& path, const CheckContent& check) {
    ++report_.files;
    if (on_file_) on_file_(path);
    auto database = Database::Open(path, Database::Mode::kReadOnly);
    if (!database) return report_.damage.push_back(database.error().message);
    const Status sound = CheckIntegrity(*database);
    if (!sound) return Damage(path.string(), sound.error().message);
    check(*database, path.string());
  }

  static Status CheckIntegrity(const Database& database) {
    auto check = database.Prepare("PRAGMA integrity_check(1)");
    if (!check) return check.error();
    const auto row = check->Step();
    if (!row) return row.error();
    if (*row && check->Bytes(0) != "ok") {
      return Error{Code::kDataLoss, std::string(check->Bytes(0))};
    }
    return {};
  }

  // Calls `check` with each row until that finds damage.
  void ForEachRow(const Database& database, const std::string& file, const std::string& sql,
                  const std::function<Status(const Statement& row)>& check) {
    auto select = database.Prepare(sql);
    if (!select) return Damage(file, select.error().message);
    while (true) {
      const auto row = select->Step();
      if (!row) return Damage(file, row.error().message);
      if (!*row) return;
      if (const Status sound = check(*select); !sound) return Damage(file, sound.error().message);
    }
  }

  void CheckChunks(const Database& database, const std::string& file, const std::string& table) {
    ForEachRow(
        database, file, "SELECT first_ms, last_ms, data FROM " + table,
        [this](const Statement& row) -> Status {
          const auto samples = codec_.Decode({.data = std::string(row.Bytes(2))}, codec_.numbers());
          if (!samples) return samples.error();
          const auto time = [](const Sample& sample) {
            return sample.time.time_since_epoch().count();
          };
          if (time(samples->front()) != row.Integer(0) || time(samples->back()) != row.Integer(1)) {
            return Error{Code::kDataLoss, "a chunk's times are not those of its samples"};
          }
          report_.samples += samples->size();
          return {};
        });
  }

  void CheckRollups(const Database& database, const std::string& file) {
    ForEachRow(database, file, "SELECT data FROM rollup", [this](const Statement& row) -> Status {
      OutputBuckets buckets;
      ++report_.rollups;
      return rollups_.Decode(row.Bytes(0), match_, WallTime::min(), WallTime::max(), buckets);
    });
  }

  const fs::path& directory_;
  const OnFile& on_file_;
  VerifyReport report_;
  std::set<std::int64_t> devices_;
  std::size_t series_ = 0;
  ChunkCodec codec_;
  RollupCodec rollups_;
  SeriesMatch match_;
};

}  // namespace

VerifyReport VerifyHistory(const fs::path& directory,
                           const std::function<void(const fs::path& file)>& on_file) {
  return Verification(directory, on_file).Run();
}

}  // namespace edgefeed
