#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>

#include "collector/history/inventory.h"
#include "collector/sqlite/sqlite.h"
#include "common/base/result.h"

namespace edgefeed {

// The inventory on disk: meta.db. On one strand; calls wait for the disk.
class Meta {
 public:
  // Creates it when it is not there.
  static Result<std::unique_ptr<Meta>> Open(const std::filesystem::path& path);

  // How often the store had been opened before; 0 when meta.db is new.
  Result<std::uint64_t> Epoch();
  Status SetEpoch(std::uint64_t epoch);

  Result<Inventory> Load();
  // What has changed, on stable storage; marks it clean.
  Status Save(Inventory& inventory);

  Database& database() { return database_; }

 private:
  explicit Meta(Database database) : database_(std::move(database)) {}

  Status LoadDevices(Inventory& inventory);
  Status LoadSeries(Inventory& inventory);
  Status SaveDevices(const Inventory& inventory);
  Status SaveSeen(const Inventory& inventory);
  Status SaveStreams(const Inventory& inventory);
  Status SaveSeries(const Inventory& inventory);
  Status SetState(const char* name, std::uint64_t value);

  Database database_;
};

}  // namespace edgefeed
