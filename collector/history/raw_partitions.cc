#include "collector/history/raw_partitions.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace edgefeed {
namespace fs = std::filesystem;

Result<std::unique_ptr<RawPartitions>> RawPartitions::Open(fs::path directory,
                                                           std::chrono::seconds chunk_every,
                                                           CollectorStats& stats) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return ErrnoError(directory.string(), error.value());
  return std::unique_ptr<RawPartitions>(
      new RawPartitions(std::move(directory), chunk_every, stats));
}

template <typename Use>
auto RawPartitions::With(Hours hour, Use use) -> decltype(use(std::declval<Partition&>())) {
  const auto open = [this](const fs::path& path) { return Partition::Open(path, chunk_every_); };
  return open_.With(PathOf(hour), open, use);
}

Status RawPartitions::Add(Hours hour, std::span<const NewChunk> chunks) {
  return With(hour, [chunks](Partition& partition) { return partition.Add(chunks); });
}

Result<Lsn> RawPartitions::WrittenUpTo(Hours hour, DeviceNumber device) {
  std::error_code error;
  if (!fs::exists(PathOf(hour), error)) return Lsn{0};
  return With(hour, [device](Partition& partition) { return partition.WrittenUpTo(device); });
}

Result<std::vector<DeviceProgress>> RawPartitions::Progress(Hours hour) {
  std::error_code error;
  if (!fs::exists(PathOf(hour), error)) return std::vector<DeviceProgress>();
  return With(hour, [](Partition& partition) { return partition.Progress(); });
}

Result<Lsn> RawPartitions::WrittenUpTo() {
  Lsn most = 0;
  for (const Hours hour : List()) {
    const auto lsn = With(hour, [](Partition& partition) { return partition.WrittenUpTo(); });
    if (!lsn) return lsn.error();
    most = std::max(most, *lsn);
  }
  return most;
}

Result<std::vector<Chunk>> RawPartitions::Read(Hours hour, DeviceNumber device, WallTime from,
                                               WallTime to) {
  std::error_code error;
  if (!fs::exists(PathOf(hour), error)) return std::vector<Chunk>();
  Partition* const open = open_.Find(PathOf(hour));
  auto chunks = open != nullptr ? open->Read(device, from, to) : ReadClosed(hour, device, from, to);
  if (chunks || chunks.error().code != Code::kDataLoss) return chunks;
  open_.Replace(PathOf(hour), chunks.error());
  return std::vector<Chunk>();
}

// A question about old hours must not push those out that are being written.
Result<std::vector<Chunk>> RawPartitions::ReadClosed(Hours hour, DeviceNumber device, WallTime from,
                                                     WallTime to) const {
  auto partition = Partition::OpenReadOnly(PathOf(hour));
  if (!partition) return partition.error();
  return (*partition)->Read(device, from, to);
}

std::vector<Hours> RawPartitions::List() const {
  std::vector<Hours> hours;
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".db") continue;
    if (const auto hour = ParseHourName(entry->path().stem().string())) hours.push_back(*hour);
  }
  std::ranges::sort(hours);
  return hours;
}

fs::path RawPartitions::PathOf(Hours hour) const { return directory_ / (HourName(hour) + ".db"); }

void RawPartitions::Delete(Hours hour) {
  open_.Close(PathOf(hour));
  DeleteDatabase(PathOf(hour));
}

}  // namespace edgefeed
