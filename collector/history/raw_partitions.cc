#include "collector/history/raw_partitions.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace edgefeed {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostOpen = 4;

}  // namespace

Result<std::unique_ptr<RawPartitions>> RawPartitions::Open(fs::path directory,
                                                           std::chrono::seconds chunk_every,
                                                           CollectorStats& stats) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return ErrnoError(directory.string(), error.value());
  return std::unique_ptr<RawPartitions>(
      new RawPartitions(std::move(directory), chunk_every, stats));
}

Result<Partition*> RawPartitions::Get(Hours hour) {
  const auto found = std::ranges::find(open_, hour, &OpenPartition::hour);
  if (found != open_.end()) {
    open_.splice(open_.begin(), open_, found);
    return open_.front().partition.get();
  }
  auto partition = Partition::Open(PathOf(hour), chunk_every_);
  if (!partition) return partition.error();
  open_.push_front({hour, std::move(*partition)});
  if (open_.size() > kMostOpen) open_.pop_back();
  return open_.front().partition.get();
}

void RawPartitions::Replace(Hours hour) {
  std::erase_if(open_, [hour](const OpenPartition& open) { return open.hour == hour; });
  SetAside(PathOf(hour));
  ++stats_.history_files_damaged;
}

template <typename Use>
auto RawPartitions::With(Hours hour, Use use) -> decltype(use(std::declval<Partition&>())) {
  const auto attempt = [&]() -> decltype(use(std::declval<Partition&>())) {
    auto partition = Get(hour);
    if (!partition) return partition.error();
    return use(**partition);
  };
  auto result = attempt();
  if (result || result.error().code != Code::kDataLoss) return result;
  Replace(hour);
  return attempt();
}

Status RawPartitions::Add(Hours hour, std::span<const NewChunk> chunks) {
  return With(hour, [chunks](Partition& partition) { return partition.Add(chunks); });
}

Result<Lsn> RawPartitions::WrittenUpTo(Hours hour, DeviceNumber device) {
  std::error_code error;
  if (!fs::exists(PathOf(hour), error)) return Lsn{0};
  return With(hour, [device](Partition& partition) { return partition.WrittenUpTo(device); });
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
  const auto found = std::ranges::find(open_, hour, &OpenPartition::hour);
  auto chunks = found != open_.end() ? found->partition->Read(device, from, to)
                                     : ReadClosed(hour, device, from, to);
  if (chunks || chunks.error().code != Code::kDataLoss) return chunks;
  spdlog::error("history: {}", chunks.error().message);
  Replace(hour);
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
  std::erase_if(open_, [hour](const OpenPartition& open) { return open.hour == hour; });
  DeleteDatabase(PathOf(hour));
}

}  // namespace edgefeed
