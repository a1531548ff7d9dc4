#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/history/frame.h"
#include "collector/history/numbers.h"
#include "collector/history/partition_path.h"

namespace edgefeed {

// The frames of one device that will be one chunk of one hour's partition.
struct OpenChunk {
  DeviceNumber device = 0;
  Hours hour;
  WallTime due;
  Lsn first_lsn = 0;
  Lsn last_lsn = 0;
  std::string frames;  // Columns of one sample each, with their sizes in front.
};

// The hour whose partition holds the frame: that of its sample, or the nearest to it between a
// month before and an hour after it was received, so that a wrong clock does not make files without
// end.
Hours PartitionOf(const Frame& frame);
// Whether that is another hour than the sample's own: there no question finds it.
bool IsMisplaced(const Frame& frame);

// Frames that are in the log and in no partition yet. Each device is due once in `chunk_every`, all
// devices evenly spread over it, and at once when much of it waits. On one strand.
class OpenChunks {
 public:
  explicit OpenChunks(std::chrono::seconds chunk_every) : chunk_every_(chunk_every) {}

  [[nodiscard]] std::chrono::seconds chunk_every() const { return chunk_every_; }

  void Add(Lsn lsn, const Frame& frame, WallTime now);

  // Chunks of the devices that are due, grouped by hour, devices ascending. They stay until
  // removed; pointers are valid until the next Add or Remove.
  using ByHour = std::map<Hours, std::vector<const OpenChunk*>>;
  [[nodiscard]] ByHour Due(WallTime now) const;
  [[nodiscard]] ByHour All() const;
  // Of one device. Valid like above.
  [[nodiscard]] std::vector<const OpenChunk*> Of(DeviceNumber device) const;

  struct Key {
    DeviceNumber device = 0;
    Hours hour;
  };
  // Precondition: what is there has been written.
  void Remove(const Key& key);

  // The oldest entry of the log that is still needed; nothing when none is.
  [[nodiscard]] std::optional<Lsn> oldest() const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool empty() const { return devices_.empty(); }

 private:
  struct Device {
    std::int64_t due = 0;           // Unix second.
    std::size_t bytes = 0;          // Of frames.
    std::vector<OpenChunk> chunks;  // One an hour, rarely more than two.
  };

  [[nodiscard]] std::int64_t NextDue(DeviceNumber device, std::int64_t second) const;
  [[nodiscard]] ByHour Collect(const std::function<bool(const Device&)>& wanted) const;

  std::chrono::seconds chunk_every_;
  std::unordered_map<DeviceNumber, Device> devices_;
  std::size_t bytes_ = 0;
};

}  // namespace edgefeed
