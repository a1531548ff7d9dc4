#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collector/history/numbers.h"
#include "common/base/units.h"
#include "common/model/series.h"
#include "common/model/stream.h"
#include "common/runtime/scheduler.h"

// What passes between the writers on their engine strands and the store on its own.
namespace edgefeed {

// A device's newest stored position of one stream.
struct StoredPosition {
  DeviceNumber device = 0;
  StreamPosition position;
};

// A writer's end. On the writer's engine strand.
class WriterEvents {
 public:
  virtual ~WriterEvents() = default;
  virtual void Stored(const std::vector<StoredPosition>& positions) = 0;
  // The disk takes nothing for this reason; empty: it does again.
  virtual void Trouble(const std::string& reason) = 0;
};

// How the store reaches a writer that may be gone.
struct WriterAddress {
  Scheduler& engine;
  std::weak_ptr<WriterEvents> writer;

  // From any thread.
  void Post(std::function<void(WriterEvents&)> task) const {
    engine.Post([target = writer, call = std::move(task)] {
      if (const auto alive = target.lock()) call(*alive);
    });
  }
};

// Entries of one writer on their way to the log.
struct HandOver {
  std::string entries;
  std::uint64_t count = 0;  // Of entries.
  bool has_names = false;   // Some of them are DeviceNames or SeriesNames.
  std::shared_ptr<const WriterAddress> writer;
};

// What was known when the store was opened. Never changes.
struct KnownNumbers {
  std::unordered_map<std::string, DeviceNumber> devices;
  std::map<Series, SeriesNumber> series;
};

// The store's end. On the store strand.
class StoreEvents {
 public:
  virtual ~StoreEvents() = default;
  virtual void OnHandOver(HandOver entries) = 0;
};

// What all writers share with the store. From any thread, where not said otherwise.
struct StoreLink {
  StoreLink(Scheduler& store_strand, Bytes most_unsynced, KnownNumbers numbers,
            DeviceNumber first_device, SeriesNumber first_series)
      : strand(store_strand),
        max_unsynced(most_unsynced),
        known(std::move(numbers)),
        next_device(first_device),
        next_series(first_series) {}

  // Series numbers are taken in blocks, so that those of one device stand together.
  static constexpr SeriesNumber kSeriesBlock = 256;

  Scheduler& strand;
  StoreEvents* store = nullptr;  // Null when it is gone. On the store strand.
  const Bytes max_unsynced;
  const KnownNumbers known;
  std::atomic<DeviceNumber> next_device;
  std::atomic<SeriesNumber> next_series;
  std::atomic<std::uint64_t> unsynced_bytes{0};
};

}  // namespace edgefeed
