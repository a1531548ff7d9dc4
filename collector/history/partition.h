#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "collector/history/numbers.h"
#include "collector/sqlite/sqlite.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace edgefeed {

// Samples of one device, encoded.
struct Chunk {
  WallTime first;  // The times of the oldest and the newest sample.
  WallTime last;
  std::string data;
};

struct NewChunk {
  DeviceNumber device = 0;
  WallTime due;      // When it was to be written.
  Lsn last_lsn = 0;  // Everything of the device up to here that belongs here is in it.
  Chunk chunk;
};

// How far a device is written.
struct DeviceProgress {
  DeviceNumber device = 0;
  Lsn lsn = 0;
};

// The chunks of one hour of all devices: one SQLite file. A device's chunks stand under keys that
// follow from its number and the time, so that rows are only appended and need no index. On one
// strand; calls wait for the disk.
class Partition {
 public:
  // Creates it when it is not there. `chunk_every` counts for a new one: a device's chunks are
  // written this far apart.
  static Result<std::unique_ptr<Partition>> Open(const std::filesystem::path& path,
                                                 std::chrono::seconds chunk_every);
  // One that exists, beside whoever writes it.
  static Result<std::unique_ptr<Partition>> OpenReadOnly(const std::filesystem::path& path);

  // All of them, on stable storage, or none.
  Status Add(std::span<const NewChunk> chunks);

  // The last_lsn of the device's last chunk; 0: it has none.
  Result<Lsn> WrittenUpTo(DeviceNumber device);
  // The largest of all devices.
  Result<Lsn> WrittenUpTo();
  // Of each device that has chunks.
  Result<std::vector<DeviceProgress>> Progress();

  // The device's chunks that may hold samples from `from` to `to`, both included, in no order.
  Result<std::vector<Chunk>> Read(DeviceNumber device, WallTime from, WallTime to);

  Database& database() { return database_; }

 private:
  Partition(Database database, std::chrono::seconds chunk_every)
      : database_(std::move(database)), chunk_every_(chunk_every) {}

  // The first second from `second` on at which a chunk of the device is due.
  [[nodiscard]] std::int64_t DueSecond(DeviceNumber device, std::int64_t second) const;
  struct DueChunk {
    std::int64_t due = 0;  // Unix second.
    const NewChunk* chunk = nullptr;
  };
  [[nodiscard]] std::vector<DueChunk> InOrderOfDue(std::span<const NewChunk> chunks) const;
  Status AddOne(const NewChunk& chunk, std::int64_t due, Statement& on_time, Statement& late);
  [[nodiscard]] bool IsOnTime(const NewChunk& chunk, std::int64_t due_second) const;
  Status ReadOnTime(DeviceNumber device, WallTime from, WallTime to, std::vector<Chunk>& chunks);
  Status ReadLate(DeviceNumber device, WallTime from, WallTime to, std::vector<Chunk>& chunks);

  Database database_;
  std::chrono::seconds chunk_every_;
};

}  // namespace edgefeed
