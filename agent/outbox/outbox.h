#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>

#include "agent/ports.h"
#include "common/base/units.h"

namespace edgefeed {

// What became of the samples: collected = acknowledged + queued + dropped_full + rejected.
struct OutboxCounts {
  std::uint64_t collected = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t queued = 0;
  std::uint64_t dropped_full = 0;  // Oldest samples that made room for new ones.
  std::uint64_t rejected = 0;      // Refused by the collector for good.
};

// Holds the samples until the collector has them, oldest first, in bounded memory. When full the
// oldest sample goes. On the core strand.
class Outbox final : public SampleSink, public SampleQueue {
 public:
  // `memory_limit` bounds the estimated size of the samples held: 120 readings take 2 KiB.
  explicit Outbox(Bytes memory_limit) : memory_limit_(memory_limit) {}
  void SetMemoryLimit(Bytes memory_limit) { memory_limit_ = memory_limit; }

  // Called after each sample that arrives; nobody listens by default.
  void OnArrival(std::function<void()> listener) { on_arrival_ = std::move(listener); }

  void Accept(Sample sample) override;

  [[nodiscard]] const Sample* NextUnsent() const override;
  void MarkSent() override { ++sent_; }
  void Acknowledge(std::uint64_t sequence) override;
  void Rewind() override { sent_ = 0; }
  void RejectOldest() override;
  [[nodiscard]] std::uint64_t unacknowledged() const override { return sent_; }

  [[nodiscard]] OutboxCounts counts() const;

 private:
  void PopOldest();

  Bytes memory_limit_;
  Bytes used_;
  std::deque<Sample> samples_;
  std::size_t sent_ = 0;  // How many of them, from the front, are on their way.
  OutboxCounts counts_;
  std::function<void()> on_arrival_ = [] {};
};

}  // namespace edgefeed
