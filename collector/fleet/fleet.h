#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/ports.h"
#include "collector/stats.h"
#include "common/base/allowance.h"
#include "common/base/result.h"
#include "common/model/series.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

struct FleetLimits {
  std::size_t devices = 100'000;
  std::size_t series = 200'000;  // Different series of all devices of the shard together.
  // Of these, new ones of one device: so many at once, and as many a day. One with more than 512
  // bytes of names counts for several.
  std::size_t series_per_device = 2048;
};

// Told of a change, on the engine strand. Must not call back into the fleet's listener functions.
class FleetListener {
 public:
  virtual ~FleetListener() = default;
  virtual void OnChanged() = 0;
};

// The newest state of one shard's devices, in memory. A device is never forgotten. On the shard's
// engine strand.
class Fleet final : public FleetUpdates {
 public:
  // Where a reader stands: everything up to here it has seen. 0: nothing yet.
  using Version = std::uint64_t;

  // All references must outlive it.
  Fleet(Scheduler& scheduler, const FleetLimits& limits, CollectorStats& stats);

  Status Admit(const std::string& device) override;
  void Connected(const std::string& device, const std::string& address) override;
  void Disconnected(const std::string& device) override;
  void Update(const std::string& device, Sample sample, Lane lane) override;
  void Describe(const std::string& device, const std::shared_ptr<const DeviceInfo>& info) override;
  void SetFiring(const std::string& device, std::vector<std::string> rules) override;

  // Makes a device known that an earlier run of the collector knew. It has no sample yet.
  void Restore(const KnownDevice& known);

  // The shard's numbering of series, which every sample given to Update() uses.
  SeriesTable& series() { return series_; }
  // The number of a series that the device names. Nothing when nobody has named it before, and this
  // device has named too many, or all together have. The device need not be known.
  std::optional<SeriesId> Introduce(const std::string& device, const Series& series);

  [[nodiscard]] bool Knows(const std::string& device) const { return by_name_.contains(device); }
  [[nodiscard]] std::optional<DeviceSnapshot> Get(const std::string& device, Detail detail) const;
  [[nodiscard]] std::vector<DeviceSnapshot> List(Detail detail) const;

  // Devices stand in blocks of this many, in the order in which they were admitted, for ever.
  static constexpr std::size_t kBlock = 256;
  [[nodiscard]] std::size_t blocks() const { return block_versions_.size(); }
  // The block's devices with a sample newer than `cursor`; moves the cursor. Quick when there is
  // none.
  [[nodiscard]] std::vector<DeviceSnapshot> NewerThan(std::size_t block, Version& cursor,
                                                      Detail detail) const;
  // The one device, if it has a sample newer than `cursor`; moves the cursor.
  [[nodiscard]] std::vector<DeviceSnapshot> NewerThan(const std::string& device, Version& cursor,
                                                      Detail detail) const;

  // Calls the listener at each new sample: of the device, or with an empty name of every device.
  // Remove it before it goes. Precondition: the device is known.
  void AddListener(const std::string& device, FleetListener& listener);
  void RemoveListener(const std::string& device, FleetListener& listener);

 private:
  struct Device {
    std::string name;
    bool connected = false;
    std::string address;
    WallTime first_seen;
    WallTime last_seen;
    std::uint64_t request_count = 0;  // 0: no sample yet.
    std::vector<std::string> firing;
    std::shared_ptr<const DeviceInfo> info;
    Sample sample;
    bool has_sample = false;  // Since the collector started.
    Version version = 0;
    std::size_t block = 0;
    std::vector<FleetListener*> listeners;
  };

  Device& Find(const std::string& device) { return *by_name_.find(device)->second; }
  [[nodiscard]] DeviceSnapshot Snapshot(const Device& device, Detail detail) const;
  std::vector<FleetListener*>& Listeners(const std::string& device);

  Scheduler& scheduler_;
  FleetLimits limits_;
  CollectorStats& stats_;
  SeriesTable series_;
  std::unordered_map<std::string, Allowance> introductions_;  // Of new series, by device.
  std::deque<Device> devices_;                                // A deque: `by_name_` points into it.
  std::unordered_map<std::string, Device*> by_name_;
  std::vector<Version> block_versions_;  // Of each block's newest sample.
  Version version_ = 0;
  std::vector<FleetListener*> listeners_;  // Of every device.
};

}  // namespace edgefeed
