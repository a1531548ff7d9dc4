#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "agent/outbox/lanes.h"
#include "agent/outbox/memory_lane.h"
#include "agent/ports.h"
#include "common/base/units.h"
#include "common/runtime/scheduler.h"

namespace edgefeed {

// What became of the samples:
// collected + recovered = acknowledged + queued + each of the dropped ones.
struct OutboxCounts {
  std::uint64_t collected = 0;
  std::uint64_t recovered = 0;  // Found on disk at the start.
  std::uint64_t acknowledged = 0;
  std::uint64_t queued = 0;               // In memory and on disk, also those on their way.
  std::uint64_t dropped_memory_full = 0;  // Made room for newer ones while no disk took them.
  std::uint64_t dropped_rejected = 0;     // Refused by the collector for good.

  [[nodiscard]] std::uint64_t dropped() const { return dropped_memory_full + dropped_rejected; }
};

struct OutboxLimits {
  Bytes memory = MiB(16);
};

// Holds the samples until the collector has them. Two lanes: what arrives while a connection lasts
// is live and leaves first; everything older is backlog and leaves in order. On the core strand.
class Outbox final : public SampleSink, public SampleQueue {
 public:
  // `core` must outlive it. `random_stream` names new streams: 64 random bits.
  Outbox(const OutboxLimits& limits, Scheduler& core, std::function<StreamId()> random_stream);
  ~Outbox() override = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void SetLimits(const OutboxLimits& limits) { limits_ = limits; }
  // Called after each sample that arrives; nobody listens by default.
  void OnArrival(std::function<void()> listener) { on_arrival_ = std::move(listener); }

  void Accept(Sample sample) override;

  std::vector<StreamPosition> BeginConnection() override;
  SampleBatch TakeLive(std::size_t most) override;
  void TakeBacklog(std::size_t most, std::function<void(SampleBatch)> answer) override;
  [[nodiscard]] bool HasBacklog() const override;
  void Acknowledge(const StreamPosition& position) override;
  void Reject(const StreamPosition& position) override;
  [[nodiscard]] std::uint64_t unacknowledged() const override;

  [[nodiscard]] OutboxCounts counts() const;

 private:
  // The next sample of the backlog that was not taken: the stream's, if any.
  StreamState* NextBacklogStream();
  [[nodiscard]] std::optional<std::uint64_t> NextBacklog(const StreamState& stream) const;
  [[nodiscard]] bool Holds(StreamId stream) const;
  void Number(std::size_t count);
  void MarkTaken(StreamState& stream, std::uint64_t sequence);
  void DropOverLimit();

  OutboxLimits limits_;
  Scheduler& core_;
  Lanes lanes_;
  MemoryLane memory_;
  OutboxCounts counts_;
  std::function<void()> on_arrival_ = [] {};
};

}  // namespace edgefeed
