#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "collector/history/open_files.h"
#include "collector/history/partition.h"
#include "collector/history/partition_path.h"
#include "collector/stats.h"
#include "common/base/result.h"

namespace edgefeed {

// The directory of the hours' partitions, a few of which are open. A damaged one is set aside, and
// a new one takes its place. On one strand.
class RawPartitions {
 public:
  // Makes the directory. `stats` must outlive it.
  static Result<std::unique_ptr<RawPartitions>> Open(std::filesystem::path directory,
                                                     std::chrono::seconds chunk_every,
                                                     CollectorStats& stats);

  // As the Partition does.
  Status Add(Hours hour, std::span<const NewChunk> chunks);
  Result<Lsn> WrittenUpTo(Hours hour, DeviceNumber device);
  // Of all devices in the hour; nothing where there is no partition.
  Result<std::vector<DeviceProgress>> Progress(Hours hour);
  // Of all devices and hours.
  Result<Lsn> WrittenUpTo();
  // Nothing where there is no partition.
  Result<std::vector<Chunk>> Read(Hours hour, DeviceNumber device, WallTime from, WallTime to);

  // The hours that there are, oldest first.
  [[nodiscard]] std::vector<Hours> List() const;
  [[nodiscard]] std::filesystem::path PathOf(Hours hour) const;
  void Delete(Hours hour);
  // Lets the files go, so that SQLite tidies them up.
  void CloseAll() { open_.CloseAll(); }

 private:
  RawPartitions(std::filesystem::path directory, std::chrono::seconds chunk_every,
                CollectorStats& stats)
      : directory_(std::move(directory)), chunk_every_(chunk_every), open_(stats) {}

  // Opens it if need be.
  template <typename Use>
  auto With(Hours hour, Use use) -> decltype(use(std::declval<Partition&>()));
  Result<std::vector<Chunk>> ReadClosed(Hours hour, DeviceNumber device, WallTime from,
                                        WallTime to) const;

  std::filesystem::path directory_;
  std::chrono::seconds chunk_every_;
  OpenFiles<Partition> open_;
};

}  // namespace edgefeed
