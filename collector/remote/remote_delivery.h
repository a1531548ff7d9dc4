#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/ports.h"
#include "collector/remote/remote_answer.h"
#include "common/base/clock.h"
#include "common/model/series.h"

namespace edgefeed {

// One value on its way.
struct RemoteValue {
  const StoredSample* sample = nullptr;
  const Series* series = nullptr;
  double value = 0;
};

// The newest sample of each device that was given to a store. As many as there are devices.
using NewestTimes = std::unordered_map<const std::string*, WallTime>;

// The two values that each sample has besides its readings.
struct HeadlineSeries {
  HeadlineSeries();
  Series cpu_usage;
  Series memory_mb;
};

// One batch of samples, until a store has taken each value or refused it. A store that refuses one
// value may take none of the request (Prometheus): then the batch is halved until the value is
// found. Samples that are older than what their device had before, its backlog, go in a request of
// their own, the newest first: a store that takes no such samples says so to the newest of a
// device, and its others need not be tried.
class RemoteDelivery {
 public:
  // After so many requests that were refused, what is refused goes as a whole.
  static constexpr int kMaxRefusals = 1000;

  // `reader`'s series and `headline` must outlive it.
  RemoteDelivery(std::vector<StoredSample> samples, const StoredSamples& reader,
                 const HeadlineSeries& headline, NewestTimes& newest);
  ~RemoteDelivery() = default;
  RemoteDelivery(const RemoteDelivery&) = delete;
  RemoteDelivery& operator=(const RemoteDelivery&) = delete;

  [[nodiscard]] bool done() const { return parts_.empty(); }
  [[nodiscard]] const std::vector<StoredSample>& samples() const { return samples_; }
  // Of all that is not settled.
  [[nodiscard]] std::size_t values() const;

  // What the next request is to hold. Precondition of this and all below: not done().
  [[nodiscard]] std::span<const RemoteValue> Next() const { return parts_.back().values; }
  // It was taken.
  void Taken() { parts_.pop_back(); }
  // It was refused; how many values are given up for it.
  std::size_t Refused(RemoteDrop why);
  // It must be sent in parts; how many values are given up for it.
  std::size_t TooLarge();

 private:
  enum class Order { kInOrder, kLate };
  struct Part {
    Order order = Order::kInOrder;
    std::vector<RemoteValue> values;  // Those of a sample stand together.
  };

  static void AddValues(const StoredSample& sample, const StoredSamples& reader,
                        const HeadlineSeries& headline, Part& part);
  std::size_t GiveUp();
  void Halve();
  // Of late parts, what is not newer than this sample of its device.
  std::size_t GiveUpOlder(const StoredSample& refused);

  std::vector<StoredSample> samples_;
  std::vector<Part> parts_;  // The next one is the last.
  int refusals_ = 0;
};

}  // namespace edgefeed
