#include "collector/history/open_chunks.h"

#include <algorithm>

#include "common/base/varint.h"

namespace edgefeed {
namespace {

using std::chrono::floor;
using std::chrono::hours;
using std::chrono::seconds;

constexpr hours kOldest{31 * 24};
constexpr hours kNewest{1};
// A backlog may bring a day in a minute.
constexpr std::size_t kFullBytes = std::size_t{256} << 10;

std::int64_t Second(WallTime time) { return floor<seconds>(time.time_since_epoch()).count(); }

}  // namespace

Hours PartitionOf(const Frame& frame) {
  const Hours received = floor<hours>(frame.received);
  return std::clamp(floor<hours>(frame.time), received - kOldest, received + kNewest);
}

bool IsMisplaced(const Frame& frame) { return PartitionOf(frame) != floor<hours>(frame.time); }

std::int64_t OpenChunks::NextDue(DeviceNumber device, std::int64_t second) const {
  const std::int64_t every = chunk_every_.count();
  const std::int64_t past = ((second - std::int64_t{device}) % every + every) % every;
  return second + every - past;
}

void OpenChunks::Add(Lsn lsn, const Frame& frame, WallTime now) {
  Device& device = devices_[frame.device];
  if (device.chunks.empty()) device.due = NextDue(frame.device, Second(now));
  const Hours hour = PartitionOf(frame);
  auto chunk = std::ranges::find(device.chunks, hour, &OpenChunk::hour);
  if (chunk == device.chunks.end()) {
    chunk = device.chunks.insert(chunk, {.device = frame.device,
                                         .hour = hour,
                                         .due = WallTime(seconds(device.due)),
                                         .first_lsn = lsn,
                                         .last_lsn = lsn,
                                         .frames = {}});
  }
  const std::size_t before = chunk->frames.size();
  PutVarint(frame.columns.size(), chunk->frames);
  chunk->frames += frame.columns;
  const std::size_t added = chunk->frames.size() - before;
  bytes_ += added;
  device.bytes += added;
  chunk->first_lsn = std::min(chunk->first_lsn, lsn);
  chunk->last_lsn = std::max(chunk->last_lsn, lsn);
  if (device.bytes >= kFullBytes) device.due = std::min(device.due, Second(now));
}

OpenChunks::ByHour OpenChunks::Collect(const std::function<bool(const Device&)>& wanted) const {
  ByHour by_hour;
  for (const auto& [number, device] : devices_) {
    if (!wanted(device)) continue;
    for (const OpenChunk& chunk : device.chunks) by_hour[chunk.hour].push_back(&chunk);
  }
  for (auto& [hour, chunks] : by_hour) std::ranges::sort(chunks, {}, &OpenChunk::device);
  return by_hour;
}

OpenChunks::ByHour OpenChunks::Due(WallTime now) const {
  const std::int64_t second = Second(now);
  // Due too far ahead: the clock has been set back.
  const std::int64_t latest = second + chunk_every_.count();
  return Collect([=](const Device& device) { return device.due <= second || device.due > latest; });
}

OpenChunks::ByHour OpenChunks::All() const {
  return Collect([](const Device&) { return true; });
}

std::vector<const OpenChunk*> OpenChunks::Of(DeviceNumber device) const {
  std::vector<const OpenChunk*> chunks;
  const auto found = devices_.find(device);
  if (found == devices_.end()) return chunks;
  for (const OpenChunk& chunk : found->second.chunks) chunks.push_back(&chunk);
  return chunks;
}

void OpenChunks::Remove(const Key& key) {
  const auto found = devices_.find(key.device);
  if (found == devices_.end()) return;
  auto& chunks = found->second.chunks;
  const auto chunk = std::ranges::find(chunks, key.hour, &OpenChunk::hour);
  if (chunk == chunks.end()) return;
  bytes_ -= chunk->frames.size();
  found->second.bytes -= chunk->frames.size();
  chunks.erase(chunk);
  if (chunks.empty()) devices_.erase(found);
}

std::optional<Lsn> OpenChunks::oldest() const {
  std::optional<Lsn> oldest;
  for (const auto& [number, device] : devices_) {
    for (const OpenChunk& chunk : device.chunks) {
      if (!oldest || chunk.first_lsn < *oldest) oldest = chunk.first_lsn;
    }
  }
  return oldest;
}

}  // namespace edgefeed
