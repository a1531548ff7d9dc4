#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/history/numbers.h"
#include "collector/history/open_files.h"
#include "collector/history/partition_path.h"
#include "collector/sqlite/sqlite.h"
#include "collector/stats.h"
#include "common/base/result.h"

namespace edgefeed {

// What a tier is made of.
struct TierShape {
  std::chrono::hours slot;           // A row is the buckets of one device in so long a time.
  std::chrono::milliseconds bucket;  // How long each of them is.
  std::size_t name_size = 0;         // A file's name is so much of HourName.
};
constexpr TierShape kMinuteTier{std::chrono::hours(1), std::chrono::minutes(1), 10};  // A day.
constexpr TierShape kHourTier{std::chrono::hours(24), std::chrono::hours(1), 7};      // A month.

struct TierRow {
  Hours slot;  // Where it begins.
  DeviceNumber device = 0;
  Lsn lsn = 0;  // Of the samples that it is made of, the newest.
  std::string data;
};

// One of its files. For Tier.
class TierFile {
 public:
  static Result<std::unique_ptr<TierFile>> Open(const std::filesystem::path& path);
  Status Write(std::span<const TierRow> rows, const TierShape& shape);
  Result<std::optional<TierRow>> Read(Hours slot, DeviceNumber device, const TierShape& shape);
  Result<std::unordered_map<DeviceNumber, Lsn>> WrittenUpTo(Hours slot, const TierShape& shape);

 private:
  explicit TierFile(Database database) : database_(std::move(database)) {}
  Database database_;
};

// Buckets of a fixed length, made from something finer and kept for longer: a directory of SQLite
// files. Writing a row again replaces it. On one strand.
class Tier {
 public:
  // Makes the directory. `stats` must outlive it.
  static Result<std::unique_ptr<Tier>> Open(std::filesystem::path directory, const TierShape& shape,
                                            CollectorStats& stats);

  [[nodiscard]] const TierShape& shape() const { return shape_; }
  // The beginning of the slot that holds this time.
  [[nodiscard]] Hours SlotOf(WallTime time) const;

  // Precondition: all of one slot.
  Status Write(std::span<const TierRow> rows);
  Result<std::optional<TierRow>> Read(Hours slot, DeviceNumber device);
  // How far each device is in the slot.
  Result<std::unordered_map<DeviceNumber, Lsn>> WrittenUpTo(Hours slot);

  struct File {
    std::filesystem::path path;
    Hours begin;
    Hours end;
  };
  // Oldest first.
  [[nodiscard]] std::vector<File> List() const;
  void Delete(const std::filesystem::path& path);
  void CloseAll() { open_.CloseAll(); }

 private:
  Tier(std::filesystem::path directory, const TierShape& shape, CollectorStats& stats)
      : directory_(std::move(directory)), shape_(shape), open_(stats) {}

  [[nodiscard]] std::filesystem::path PathOf(Hours slot) const;

  std::filesystem::path directory_;
  TierShape shape_;
  OpenFiles<TierFile> open_;
};

}  // namespace edgefeed
