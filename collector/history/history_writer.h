#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/history/hand_over.h"
#include "collector/ports.h"
#include "collector/stats.h"
#include "common/model/series.h"
#include "common/model/stream.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// Told that everything up to these positions of the device's streams is on stable storage.
using OnStored =
    std::function<void(const std::string& device, const std::vector<StreamPosition>& positions)>;

// The way of one shard's samples into the history: writes each as a frame into a buffer, and hands
// the buffer to the store every 100 ms or at 256 KiB. What is in the buffer when the writer goes is
// handed over. On the shard's engine strand.
class HistoryWriter final : public SampleStore {
 public:
  // `engine`, `shard_series` and `stats` must outlive it.
  HistoryWriter(Scheduler& engine, const SeriesTable& shard_series, std::shared_ptr<StoreLink> link,
                CollectorStats& stats, OnStored on_stored);
  ~HistoryWriter() override;
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  Status Append(const std::string& device, const Sample& sample, WallTime received) override;
  [[nodiscard]] bool HasRoom() const override;
  void Describe(const std::string& device, const DeviceInfo& info) override;

 private:
  // Hears from the store; apart because the store may speak when the writer is gone.
  class Ear;

  [[nodiscard]] std::uint64_t UnsyncedBytes() const;
  [[nodiscard]] Status CheckRoom() const;
  // 0: there are as many devices as can be.
  DeviceNumber NumberOf(const std::string& device);
  void NameNewSeries();
  SeriesNumber NumberOf(const Series& series);
  void Wrote();
  void HandOverBuffer();

  Scheduler& engine_;
  const SeriesTable& shard_series_;
  std::shared_ptr<StoreLink> link_;
  CollectorStats& stats_;
  std::shared_ptr<Ear> ear_;
  std::shared_ptr<const WriterAddress> address_;
  std::unordered_map<std::string, DeviceNumber> devices_;
  std::vector<std::uint32_t> series_numbers_;  // By the shard's SeriesId.
  SeriesNumber next_series_ = 0;               // In the block that is being used …
  SeriesNumber end_series_ = 0;                // … and its end.
  HandOver buffer_;
  std::string columns_;
  Timer hand_over_;
  bool waiting_ = false;  // hand_over_ is set.
};

}  // namespace edgefeed
