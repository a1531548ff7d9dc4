#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "collector/history/frame.h"
#include "collector/history/numbers.h"
#include "collector/ports.h"
#include "common/base/result.h"

namespace edgefeed {

// All that the history knows besides the samples: devices, how far their streams are stored, and
// what numbers stand for. In memory; Meta keeps it on disk. On one strand.
class Inventory {
 public:
  // Entries of the log, in order. DATA_LOSS when the entry cannot be: it is left out.
  Status Apply(Lsn lsn, const Entry& entry);

  // From disk.
  void Restore(DeviceNumber number, KnownDevice device);
  void Restore(SeriesNumber number, const Series& series);
  // Apply() counts only what comes after.
  void RestoreCounted(Lsn lsn) { saved_lsn_ = counted_lsn_ = lsn; }

  // Everything up to here is counted.
  [[nodiscard]] Lsn counted_lsn() const { return counted_lsn_; }

  [[nodiscard]] const KnownDevice* Find(DeviceNumber number) const;
  [[nodiscard]] std::optional<DeviceNumber> NumberOf(const std::string& device) const;
  [[nodiscard]] const std::unordered_map<DeviceNumber, KnownDevice>& devices() const {
    return devices_;
  }
  [[nodiscard]] const std::unordered_map<SeriesNumber, Series>& series() const { return series_; }
  // Of all series of a metric.
  [[nodiscard]] std::span<const SeriesNumber> NumbersOf(const std::string& metric) const;
  // Larger than every number known.
  [[nodiscard]] DeviceNumber next_device() const { return next_device_; }
  [[nodiscard]] SeriesNumber next_series() const { return next_series_; }

  // What has changed since it was last said to be clean: of devices how far they are, and what they
  // are, which is more and seldom changes.
  [[nodiscard]] const std::unordered_set<DeviceNumber>& dirty_devices() const {
    return dirty_devices_;
  }
  [[nodiscard]] const std::unordered_set<DeviceNumber>& dirty_descriptions() const {
    return dirty_descriptions_;
  }
  [[nodiscard]] const std::vector<SeriesNumber>& dirty_series() const { return dirty_series_; }
  [[nodiscard]] bool dirty() const {
    return !dirty_devices_.empty() || !dirty_descriptions_.empty() || !dirty_series_.empty();
  }
  void MarkClean();

 private:
  Status Add(Lsn lsn, const Frame& frame);
  Status Add(Lsn lsn, const DeviceName& name);
  Status Add(Lsn lsn, const SeriesName& name);
  Status Add(Lsn lsn, const DeviceDescription& description);
  bool Insert(SeriesNumber number, const Series& series);

  std::unordered_map<DeviceNumber, KnownDevice> devices_;
  std::unordered_map<std::string, DeviceNumber> numbers_;
  std::unordered_map<SeriesNumber, Series> series_;
  std::unordered_map<std::string, std::vector<SeriesNumber>> of_metric_;
  DeviceNumber next_device_ = 1;
  SeriesNumber next_series_ = 0;
  Lsn saved_lsn_ = 0;  // counted_lsn_ when it was last clean.
  Lsn counted_lsn_ = 0;
  std::unordered_set<DeviceNumber> dirty_devices_;
  std::unordered_set<DeviceNumber> dirty_descriptions_;
  std::vector<SeriesNumber> dirty_series_;
};

}  // namespace edgefeed
